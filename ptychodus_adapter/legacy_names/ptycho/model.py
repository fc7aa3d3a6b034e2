"""Historic name of :mod:`ptychopinn.historic.model`."""

import sys

from ptychopinn.historic import model

sys.modules[__name__] = model
