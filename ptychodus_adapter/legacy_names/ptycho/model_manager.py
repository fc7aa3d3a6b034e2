"""Historic name of :mod:`ptychopinn.backends.tensorflow.model_manager`."""

import sys

from ptychopinn.backends.tensorflow import model_manager

sys.modules[__name__] = model_manager
