"""Historic import name of the PyTorch backend; without PyTorch it refuses to load.

The configuration modules do without Lightning, the others refuse to load without it too.
"""

from ptychopinn.backends import registry
from ptychopinn.historic.names import submodules_of
from ptychopinn.historic.shadowing import refuse_to_shadow

registry.require("pytorch", ("torch",))

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()
__getattr__ = submodules_of(__name__)
