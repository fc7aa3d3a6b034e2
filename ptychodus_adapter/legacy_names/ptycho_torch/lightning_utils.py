"""Historic name of :mod:`ptychopinn.backends.torch.best_checkpoint`."""

import sys

from ptychopinn.backends.torch import best_checkpoint

sys.modules[__name__] = best_checkpoint
