"""Ellipsoid, frames and local coordinates."""
