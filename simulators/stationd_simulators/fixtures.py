"""pytest fixtures for anyone's tests; in a test module or the outermost conftest.py say

    pytest_plugins = ["stationd_simulators.fixtures"]

`simulated_caster`        starts NTRIP casters, with or without an event loop in the test
`simulated_serial_port`   a receiver on a serial cable that can be pulled out
`scenario`                writes what a scenario's stations send, with the truth

pytest itself is not among stationd's dependencies: whoever uses these has it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from stationd_simulators.devices.background import BackgroundCaster
from stationd_simulators.devices.caster import Caster
from stationd_simulators.devices.serial_port import SimulatedSerialPort
from stationd_simulators.playing import adjusted, write
from stationd_simulators.scenario import Scenario
from stationd_simulators.scenario_files import load


@dataclass(frozen=True, slots=True)
class WrittenScenario:
    """A scenario's streams in files. `truth` is what its `truth.json` says."""

    scenario: Scenario
    folder: Path
    truth: dict[str, Any]

    def rtcm3(self, station: str) -> Path:
        return self.folder / f"{station}.rtcm3"

    def nmea(self, station: str) -> Path:
        return self.folder / f"{station}.nmea"


class WriteScenario(Protocol):
    """Writes a scenario, by its name or its file; a length or an interval of one's own."""

    def __call__(
        self,
        name: str | Path,
        *,
        duration_s: float | None = None,
        interval_s: float | None = None,
        start_utc_s: float | None = None,
    ) -> WrittenScenario: ...


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


@pytest.fixture
def scenario(tmp_path: Path) -> WriteScenario:
    """Return a function that writes a scenario's streams; arrival times are in time-tag files.

    def test_my_decoder(scenario):
        city = scenario("city-errors", duration_s=60.0)
        position = my_decoder(city.rtcm3("GZ01").read_bytes())
        assert position == pytest.approx(city.truth["stations"]["GZ01"]["position_m"])
    """

    def written(
        name: str | Path,
        *,
        duration_s: float | None = None,
        interval_s: float | None = None,
        start_utc_s: float | None = None,
    ) -> WrittenScenario:
        one = adjusted(
            load(name), start_utc_s=start_utc_s, duration_s=duration_s, interval_s=interval_s
        )
        folder = tmp_path / "scenarios" / one.name
        for _ in write(one, folder, time_tags=True):
            pass
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        return WrittenScenario(one, folder, truth)

    return written
