"""From recorded fields to currents, losses and far field."""
