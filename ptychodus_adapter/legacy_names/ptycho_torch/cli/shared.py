"""Historic name of :mod:`ptychopinn.historic.cli.shared`."""

import sys

from ptychopinn.historic.cli.shared import *

sys.modules[__name__] = sys.modules["ptychopinn.historic.cli.shared"]
