"""Coordinate series to velocity, steps, noise and the yearly test."""
