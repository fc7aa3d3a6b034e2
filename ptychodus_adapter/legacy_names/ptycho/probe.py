"""Historic name of :mod:`ptychopinn.legacy.probe`."""

import sys

from ptychopinn.legacy import probe

sys.modules[__name__] = probe
