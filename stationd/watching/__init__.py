"""Stations being watched: each with its source and its line, judged in rounds."""
