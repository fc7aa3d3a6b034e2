"""Historic name of :mod:`ptychopinn.historic.config`."""

import sys

from ptychopinn.historic import config as legacy_api

sys.modules[__name__] = legacy_api
