"""Forms generated from dataclasses, with an editor for each field; independent of the session."""
