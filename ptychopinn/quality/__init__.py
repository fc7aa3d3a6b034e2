"""Figures that judge a reconstruction: against the data, against a truth."""
