"""Historic name of :mod:`ptychopinn.historic.tensorflow.tf_helper`."""

import sys

from ptychopinn.historic.tensorflow import tf_helper

sys.modules[__name__] = tf_helper
