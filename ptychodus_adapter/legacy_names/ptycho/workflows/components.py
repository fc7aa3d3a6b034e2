"""Historic name of :mod:`ptychopinn.historic.tensorflow.components`."""

import sys

from ptychopinn.historic.tensorflow.components import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.tensorflow.components"]
