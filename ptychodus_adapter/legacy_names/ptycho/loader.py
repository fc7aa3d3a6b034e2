"""Historic name of :mod:`ptychopinn.historic.tensorflow.loader`."""

from ptychopinn.historic.tensorflow.loader import *
