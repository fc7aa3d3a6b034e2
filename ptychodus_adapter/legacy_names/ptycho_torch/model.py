"""Historic name of :mod:`ptychopinn.backends.torch.ptycho_lightning`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.backends.torch import ptycho_lightning  # noqa: E402

sys.modules[__name__] = ptycho_lightning
