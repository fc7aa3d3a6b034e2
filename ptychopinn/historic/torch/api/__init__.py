"""The programming interface of historic programs: settings, data, model, training, prediction."""
