"""The programming interface that historic programs use: settings, data, model, training, prediction."""
