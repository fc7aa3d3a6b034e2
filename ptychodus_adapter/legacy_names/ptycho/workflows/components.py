"""Historic name of :mod:`ptychopinn.historic.tensorflow.components`."""

from ptychopinn.historic.tensorflow.components import *
