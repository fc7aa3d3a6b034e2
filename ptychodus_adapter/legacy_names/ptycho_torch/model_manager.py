"""Historic name of :mod:`ptychopinn.historic.torch.model_manager`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch.model_manager import *  # noqa: E402

sys.modules[__name__] = sys.modules["ptychopinn.historic.torch.model_manager"]
