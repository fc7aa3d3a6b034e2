"""Historic name of :mod:`ptychopinn.backends.torch.model_manager`."""

import sys

from ptychopinn.backends.torch import model_manager

sys.modules[__name__] = model_manager
