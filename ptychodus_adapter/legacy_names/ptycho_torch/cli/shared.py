"""Historic name of :mod:`ptychopinn.cli.execution`."""

import sys

from ptychopinn.cli import execution

sys.modules[__name__] = execution
