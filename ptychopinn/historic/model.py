"""Historic module ``ptycho.model``: the settings that go with the model."""

from ptychopinn.historic.params import params

__all__ = ["params"]
