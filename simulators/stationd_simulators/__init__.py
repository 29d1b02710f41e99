"""Receivers, stations and casters that do not exist: streams with a truth, for tests and demos."""
