"""Historic name of :mod:`ptychopinn.legacy.model`."""

import sys

from ptychopinn.legacy import model

sys.modules[__name__] = model
