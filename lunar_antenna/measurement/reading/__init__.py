"""Reading measurements: Touchstone, CSV and the table beside them."""
