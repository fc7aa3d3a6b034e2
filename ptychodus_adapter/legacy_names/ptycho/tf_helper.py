"""Historic name of :mod:`ptychopinn.backends.tensorflow.tf_helper`."""

import sys

from ptychopinn.backends.tensorflow import tf_helper

sys.modules[__name__] = tf_helper
