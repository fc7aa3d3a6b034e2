"""Everything that only programs written for the historic names need, over the modern parts."""
