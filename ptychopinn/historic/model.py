"""Historic module ``ptycho.model``: the settings that go with the model (API specification, section 4.4)."""

from ptychopinn.historic.params import params

__all__ = ["params"]
