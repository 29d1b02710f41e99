"""pytest fixtures for anyone's tests; in a test module or the outermost conftest.py say

    pytest_plugins = ["stationd_simulators.fixtures"]

`simulated_caster`        starts NTRIP casters, with or without an event loop in the test
`simulated_serial_port`   a receiver on a serial cable that can be pulled out

pytest itself is not among stationd's dependencies: whoever uses these has it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from stationd_simulators.devices.background import BackgroundCaster
from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.serial_port import SimulatedSerialPort

StartCaster = Callable[[Caster], BackgroundCaster]


@pytest.fixture
def simulated_caster() -> Iterator[StartCaster]:
    """Return a function that starts a caster, which ends with the test.

    It serves in a thread of its own, so that clients may block:

        def test_my_rover(simulated_caster):
            caster = simulated_caster(Caster([Mountpoint("ABCD")]))
            rover = MyRover("127.0.0.1", caster.port, "ABCD")
            caster.wait_for_listeners("ABCD")
            caster.deliver("ABCD", frames)
            caster.misbehave("ABCD", Misbehaviour.NEVER_ANSWERS)
    """
    with ExitStack() as casters:

        def start(caster: Caster) -> BackgroundCaster:
            return casters.enter_context(BackgroundCaster(caster))

        yield start


@pytest.fixture
def simulated_serial_port(tmp_path: Path) -> Iterator[SimulatedSerialPort]:
    """Yield a serial port, plugged in; `link` is the name by which to open it.

    def test_my_logger(simulated_serial_port):
        logger = MyLogger(simulated_serial_port.link)
        simulated_serial_port.deliver(sentences)
        simulated_serial_port.unplug()
        simulated_serial_port.plug()
    """
    with SimulatedSerialPort(tmp_path / "simulated-receiver") as port:
        yield port
