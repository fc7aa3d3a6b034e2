"""Historic name of :mod:`ptychopinn.historic.torch.config_factory`."""

import sys

from ptychopinn.historic.torch import config_factory

sys.modules[__name__] = config_factory
