"""What no antenna of a footprint can exceed."""
