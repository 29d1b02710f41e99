"""What is done with recorded streams: inspect, decode, replay."""
