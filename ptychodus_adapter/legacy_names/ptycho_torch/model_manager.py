"""Historic name of :mod:`ptychopinn.historic.torch.model_manager`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch import model_manager  # noqa: E402

sys.modules[__name__] = model_manager
