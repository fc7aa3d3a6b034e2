"""Frameworks for training and prediction; :mod:`ptychopinn.backends.registry` imports them by name."""
