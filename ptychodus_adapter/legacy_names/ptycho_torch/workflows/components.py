"""Historic name of :mod:`ptychopinn.backends.torch.workflow`."""

import sys

from ptychopinn.backends.torch import workflow

sys.modules[__name__] = workflow
