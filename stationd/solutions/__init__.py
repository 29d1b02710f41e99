"""State to numbers."""
