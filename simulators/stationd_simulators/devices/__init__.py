"""The ends at which simulated stations can be heard: caster, TCP, serial port, file; thin I/O."""
