"""File storage behind one Protocol."""
