"""Historic name of :mod:`ptychopinn.historic.torch.lightning_utils`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch.lightning_utils import *  # noqa: E402

sys.modules[__name__] = sys.modules["ptychopinn.historic.torch.lightning_utils"]
