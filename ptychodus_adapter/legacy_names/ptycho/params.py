"""Historic name of :mod:`ptychopinn.historic.params`."""

import sys

from ptychopinn.historic import params as legacy_params

sys.modules[__name__] = legacy_params
