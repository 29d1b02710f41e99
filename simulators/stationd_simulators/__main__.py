"""`python -m stationd_simulators` is `stationd-sim`."""

from stationd_simulators.cli import main

main()
