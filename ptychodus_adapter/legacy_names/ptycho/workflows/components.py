"""Historic name of :mod:`ptychopinn.historic.tensorflow.components`."""

import sys

from ptychopinn.historic.tensorflow import components as workflow

sys.modules[__name__] = workflow
