"""Historic name of :mod:`ptychopinn.historic.tensorflow.model_manager`."""

from ptychopinn.historic.tensorflow.model_manager import *
