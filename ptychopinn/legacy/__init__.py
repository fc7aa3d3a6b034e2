"""Historic signatures over the present parts: one file per historic module, no method of its own."""
