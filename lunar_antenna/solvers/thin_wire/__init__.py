"""Wire models of layouts, as thin-wire codes are given them."""
