"""Settings of the losses, the same for every framework."""

# Expected intensities below this fraction of the mean count as this fraction: a pixel that the model
# leaves dark may hold a stray count, which must not be infinitely unlikely.
DARK = 1e-6
