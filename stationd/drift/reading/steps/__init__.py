"""Lists of known changes: step lists, equipment histories, earthquakes, one format a file."""
