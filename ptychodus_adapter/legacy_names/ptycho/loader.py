"""Historic name of :mod:`ptychopinn.historic.tensorflow.loader`."""

import sys

from ptychopinn.historic.tensorflow.loader import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.tensorflow.loader"]
