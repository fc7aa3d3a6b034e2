"""Historic name of :mod:`ptychopinn.backends.torch.best_checkpoint`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.backends.torch import best_checkpoint  # noqa: E402

sys.modules[__name__] = best_checkpoint
