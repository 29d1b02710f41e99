"""What the tests of faults share: a station, a moment, its messages as pyrtcm reads them."""

from pyrtcm import RTCMReader

from stationd_simulators.encoding import station_messages
from stationd_simulators.faults import FAULTS
from stationd_simulators.faults.seam import Moment
from stationd_simulators.scenario import Fault, Scenario, Station

ARP_M = (-2324156.7901, 5386277.7283, 2495068.3542)
STATION = Station("FLT1", ARP_M, station_id=7)
NOW = Moment(1_456_000_000.0, 10.0, 60.0, 4711)


def moment(elapsed_s: float, duration_s: float = 60.0, seed: int = 4711) -> Moment:
    return Moment(1_456_000_000.0 + elapsed_s, elapsed_s, duration_s, seed)


def scenario(*faults: Fault) -> Scenario:
    return Scenario("test", "", 1, 1_456_000_000.0, 300.0, (STATION,), faults=faults)


def fault(kind: str, start_s: float = 100.0, duration_s: float = 50.0, **parameters) -> Fault:
    made = FAULTS[kind].parameters(**parameters)
    return Fault(kind, start_s, duration_s, ("FLT1",), made)


FRAMES = [
    station_messages.encode_1005(7, ARP_M),
    station_messages.encode_1006(7, ARP_M, 0.1),
    station_messages.encode_1007(7, "TRM59800.00     SCIS", 3),
    station_messages.encode_1008(7, "TRM59800.00     SCIS", 3, "12345"),
    station_messages.encode_1033(7, "TRM59800.00     SCIS", 3, "12345", ("RX", "1.2", "99")),
]


def parsed(frames: list[bytes]) -> list:
    return [RTCMReader.parse(frame) for frame in frames]


def text(message, first: str, count: str) -> str:
    length = getattr(message, count)
    return "".join(getattr(message, f"{first}_{n:02d}") for n in range(1, length + 1))
