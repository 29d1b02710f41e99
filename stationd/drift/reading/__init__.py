"""Series, solution and step files of others, one format a file."""
