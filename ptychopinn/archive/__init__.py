"""Model archives: writing, finding and safely opening ``wts.h5.zip``."""
