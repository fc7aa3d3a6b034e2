"""Historic import name of the PyTorch backend; without PyTorch it refuses to load.

The configuration modules need no Lightning; the others refuse to load without it.
"""

from ptychopinn.backends import registry
from ptychopinn.historic.names import refuse_to_shadow, submodules_of

registry.require("pytorch", ("torch",))

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()
__getattr__ = submodules_of(__name__)
