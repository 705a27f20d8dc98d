"""The sky's noise, the receiver's, and which of them wins."""
