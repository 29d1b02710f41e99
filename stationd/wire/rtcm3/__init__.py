"""RTCM 10403.3 messages: bytes to values in physical units."""
