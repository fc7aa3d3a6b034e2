"""Historic name of :mod:`ptychopinn.historic.tensorflow.loader`."""

import sys

from ptychopinn.historic.tensorflow import loader

sys.modules[__name__] = loader
