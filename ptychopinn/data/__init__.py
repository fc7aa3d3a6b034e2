"""Scan data: reading, checks, units, grouping and splitting."""
