"""Historic name of :mod:`ptychopinn.historic.torch.lightning_utils`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch import lightning_utils as best_checkpoint  # noqa: E402

sys.modules[__name__] = best_checkpoint
