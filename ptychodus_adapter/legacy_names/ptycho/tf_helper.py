"""Historic name of :mod:`ptychopinn.historic.tensorflow.tf_helper`."""

import sys

from ptychopinn.historic.tensorflow.tf_helper import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.tensorflow.tf_helper"]
