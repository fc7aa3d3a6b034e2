"""Historic name of :mod:`ptychopinn.backends.torch.base_api`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.backends.torch import base_api  # noqa: E402

sys.modules[__name__] = base_api
