"""Historic import name of the core library; submodules are imported on first access."""

from ptychopinn.historic.names import refuse_to_shadow, submodules_of

# Tells this package from another distribution's of the same name.
PTYCHOPINN_STUDIO = True

refuse_to_shadow()
__getattr__ = submodules_of(__name__)
