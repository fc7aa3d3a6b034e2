"""Historic name of :mod:`ptychopinn.backends.torch.ptycho_lightning`."""

import sys

from ptychopinn.backends.torch import ptycho_lightning

sys.modules[__name__] = ptycho_lightning
