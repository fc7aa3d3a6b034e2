"""Historic name of :mod:`ptychopinn.backends.torch.legacy_configs`."""

import sys

from ptychopinn.backends.torch import legacy_configs

sys.modules[__name__] = legacy_configs
