"""A scenario on the air: at a caster, a serial port, a TCP port, while it happens."""

from stationd_simulators.on_air.caster import OnAir, at_caster
from stationd_simulators.on_air.timing import starting_now

__all__ = ["OnAir", "at_caster", "starting_now"]
