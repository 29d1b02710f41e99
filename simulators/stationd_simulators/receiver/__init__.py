"""The receiver: its signals, clock and tracking, and the observations that it makes."""
