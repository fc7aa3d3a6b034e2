"""Historic name of :mod:`ptychopinn.historic.cli.shared`."""

import sys

from ptychopinn.historic.cli import shared as execution

sys.modules[__name__] = execution
