"""From satellite to antenna: geometry, light time, atmosphere, and randomness without a state."""
