"""Forms generated from dataclasses. Handles field metadata and editors; independent of the session."""
