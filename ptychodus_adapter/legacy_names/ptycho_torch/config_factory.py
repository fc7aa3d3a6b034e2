"""Historic name of :mod:`ptychopinn.backends.torch.config_factory`."""

import sys

from ptychopinn.backends.torch import config_factory

sys.modules[__name__] = config_factory
