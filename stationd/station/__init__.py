"""State of one station."""
