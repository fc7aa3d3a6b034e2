"""From patches to the object of the whole scan."""
