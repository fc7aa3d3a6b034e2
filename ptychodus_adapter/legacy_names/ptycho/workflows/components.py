"""Historic name of :mod:`ptychopinn.backends.tensorflow.workflow`."""

import sys

from ptychopinn.backends.tensorflow import workflow

sys.modules[__name__] = workflow
