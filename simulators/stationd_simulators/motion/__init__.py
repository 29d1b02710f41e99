"""How a station moves: from plate velocity to an earthquake's seconds."""
