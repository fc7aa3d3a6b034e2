"""Historic name of :mod:`ptychopinn.historic.tensorflow.model_manager`."""

import sys

from ptychopinn.historic.tensorflow import model_manager

sys.modules[__name__] = model_manager
