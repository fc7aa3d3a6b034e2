"""Historic name of :mod:`ptychopinn.backends.torch.workflow`."""

import sys

from ptychopinn.backends import registry

registry.require("pytorch")

from ptychopinn.backends.torch import workflow  # noqa: E402

sys.modules[__name__] = workflow
