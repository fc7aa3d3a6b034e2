"""Historic name of :mod:`ptychopinn.historic.torch.config_params`."""

import sys

from ptychopinn.historic.torch import config_params as legacy_configs

sys.modules[__name__] = legacy_configs
