"""Historic import name of the PyTorch backend; importing it fails without PyTorch.

The configuration modules do not need Lightning; importing any other module fails without it.
"""

from ptychopinn.backends import registry
from ptychopinn.historic.names import refuse_to_shadow, submodules_of

registry.require("pytorch", ("torch",))

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()
__getattr__ = submodules_of(__name__)
