"""Frameworks that train and predict; :mod:`ptychopinn.backends.registry` imports them by name."""
