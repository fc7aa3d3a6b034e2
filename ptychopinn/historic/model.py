"""Historic module ``ptycho.model``: the settings that go with the model (Specification §4.4)."""

from ptychopinn.historic.params import params

__all__ = ["params"]
