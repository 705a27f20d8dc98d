"""Power waves, bands, resampling in frequency, matching networks and port terminations."""
