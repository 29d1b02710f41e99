"""Satellites that do not exist: orbits, clocks and delays exactly as their messages give them."""
