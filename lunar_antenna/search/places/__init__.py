"""Places of the elements of an array, searched."""
