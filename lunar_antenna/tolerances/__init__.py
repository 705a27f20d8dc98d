"""What a built antenna may differ in, and what that costs."""
