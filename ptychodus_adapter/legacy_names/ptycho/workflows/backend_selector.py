"""Historic name of :mod:`ptychopinn.legacy.backend_selector`."""

import sys

from ptychopinn.legacy import backend_selector

sys.modules[__name__] = backend_selector
