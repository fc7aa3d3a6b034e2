"""Historic name of :mod:`ptychopinn.backends.tensorflow.loader`."""

import sys

from ptychopinn.backends.tensorflow import loader

sys.modules[__name__] = loader
