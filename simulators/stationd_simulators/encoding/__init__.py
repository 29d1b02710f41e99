"""What a station sends: RTCM 3 frames and NMEA 0183 sentences, by tables of our own."""
