"""The frameworks that train and predict; each is loaded by name through :mod:`ptychopinn.backends.registry`."""
