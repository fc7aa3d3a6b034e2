"""Scan data: reading, checking, units, grouping and splitting of ptychographic scans."""
