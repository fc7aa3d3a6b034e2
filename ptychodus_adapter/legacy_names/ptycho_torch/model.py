"""Historic name of :mod:`ptychopinn.historic.torch.ptycho_lightning`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch.ptycho_lightning import *  # noqa: E402

sys.modules[__name__] = sys.modules["ptychopinn.historic.torch.ptycho_lightning"]
