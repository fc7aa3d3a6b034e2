"""Historic name of :mod:`ptychopinn.historic.tensorflow.model_manager`."""

import sys

from ptychopinn.historic.tensorflow.model_manager import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.tensorflow.model_manager"]
