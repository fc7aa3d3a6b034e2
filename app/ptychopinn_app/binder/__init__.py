"""Forms generated from dataclasses. Knows field metadata and editors, not the session."""
