"""Nouns of the field: time, constellations, signals, observations."""
