"""Historic name of :mod:`ptychopinn.historic.torch.api.base_api`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.historic.torch.api import base_api  # noqa: E402

sys.modules[__name__] = base_api
