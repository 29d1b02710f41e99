"""Faults of the bytes on their way."""

from itertools import pairwise

import pytest
from simulators.faults.faulty import FRAMES, STATION, fault, scenario

from stationd_simulators.devices.misbehaviour import Misbehaviour
from stationd_simulators.devices.misdeeds import MISDEEDS
from stationd_simulators.devices.mountpoint import Mountpoint
from stationd_simulators.devices.ntrip_request import Request
from stationd_simulators.faults import FAULTS, frame_bits
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.faults.seam import Link
from stationd_simulators.scenario import Scenario
from stationd_simulators.timed_bytes import TimedBytes

BEGIN_S = 1_456_000_000.0
STEPS = [TimedBytes(BEGIN_S + n, FRAMES[n % 5] + FRAMES[1]) for n in range(300)]


class Client:
    """A session that notes whether it is given the stream."""

    def __init__(self, version: str):
        headers = {"ntrip-version": "Ntrip/2.0"} if version == "2" else {}
        self.request = Request("GET", "/FLT1", "HTTP/1.1", headers)
        self.mountpoint = Mountpoint("FLT1")
        self.streamed = False

    async def stream(self, *how, **more) -> None:
        self.streamed = True

    async def send(self, data: bytes) -> None:
        pass

    async def sleep(self, seconds_s: float) -> None:
        pass

    async def hold(self) -> None:
        pass

    def reset(self) -> None:
        pass


def on_the_way(kind: str, **parameters) -> list[TimedBytes]:
    """Return what arrives; of what is lost, pieces of nothing keep the time."""
    timed = list(StationFaults(scenario(fault(kind, **parameters)), "FLT1").timed(STEPS))
    if len(timed) == len(STEPS) and kind not in ("late", "burst"):
        assert [item.due_gpst_s for item in timed] == [item.due_gpst_s for item in STEPS]
    return [item for item in timed if item.data]


def outside(items: list[TimedBytes]) -> list[TimedBytes]:
    return [i for i in items if not BEGIN_S + 100.0 <= i.due_gpst_s < BEGIN_S + 150.0]


@pytest.mark.parametrize("kind", [name for name, kind in FAULTS.items() if kind.timed])
def test_bytes_outside_the_fault_are_untouched_and_in_order_of_time(kind):
    items = on_the_way(kind)
    assert [i.due_gpst_s for i in items] == sorted(i.due_gpst_s for i in items)
    before = [i for i in items if i.due_gpst_s < BEGIN_S + 100.0]
    assert before == STEPS[:100]
    assert [i.data for i in items if i.due_gpst_s > BEGIN_S + 160.0] == [
        i.data for i in STEPS[161:]
    ]
    assert items != STEPS


@pytest.mark.parametrize("kind", ["drop-out", "half-open", "silent", "lying-sourcetable"])
def test_nothing_comes_while_the_link_is_away(kind):
    assert on_the_way(kind) == outside(STEPS)
    faults = StationFaults(scenario(fault(kind)), "FLT1")
    assert faults.link(BEGIN_S + 99.0) is Link.UP
    assert faults.link(BEGIN_S + 100.0) is FAULTS[kind].link is not Link.UP
    assert faults.link(BEGIN_S + 150.0) is Link.UP


def test_power_that_comes_back_lets_nothing_through_while_the_receiver_starts():
    items = on_the_way("power-cycle", starting_s=20.0)
    assert items == [i for i in STEPS if not 100.0 <= i.due_gpst_s - BEGIN_S < 170.0]


LIE = "STR;FLT1;Elsewhere;RTCM 2.3;;1;GPS;SIM;CHN;0.00;0.00;0;0;x;none;N;N;0;"


def test_a_stream_goes_on_beside_a_sourcetable_that_contradicts_it():
    assert on_the_way("lying-sourcetable", row=LIE) == outside(STEPS)
    assert on_the_way("lying-sourcetable", row=LIE, instead_of_stream=False) == STEPS


@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"row": "CAS;FLT1"}, 'must begin with "STR;"'),
        ({"row": "STR;FLT1\r\n"}, "one line"),
        ({"instead_of_stream": False}, "is missing"),
    ],
)
def test_a_lie_that_is_none_is_refused(parameters, wrong):
    with pytest.raises(ValueError, match=wrong):
        FAULTS["lying-sourcetable"].parameters(**parameters)


@pytest.mark.parametrize("misbehaviour", Misbehaviour)
async def test_a_recording_is_silent_where_a_caster_sends_no_client_anything(misbehaviour):
    clients = [Client(version) for version in ("1", "2")]
    for client in clients:
        await MISDEEDS[misbehaviour](client)
    heard = any(client.streamed for client in clients)
    kept = STEPS if heard else outside(STEPS)
    assert on_the_way("caster", misbehaviour=misbehaviour) == kept


def test_late_bytes_are_late_and_none_overtakes_them():
    items = on_the_way("late", delay_s=5.0)
    assert b"".join(i.data for i in items) == b"".join(i.data for i in STEPS)
    late_s = [i.due_gpst_s - s.due_gpst_s for i, s in zip(items, STEPS, strict=True)]
    assert late_s[100:150] == [5.0] * 50
    assert late_s[150:155] == [4.0, 3.0, 2.0, 1.0, 0.0]


def test_what_was_held_back_comes_at_once():
    items = on_the_way("burst")
    assert [i.due_gpst_s for i in items[100:150]] == [BEGIN_S + 150.0] * 50
    assert [i.data for i in items] == [i.data for i in STEPS]


def test_a_trickle_is_as_thin_as_it_was_asked_to_be():
    drops = [i for i in on_the_way("trickle", bytes_per_s=30) if i not in outside(STEPS)]
    assert sum(len(i.data) for i in drops) == 30 * 50
    assert all(len(i.data) <= 3 for i in drops)


def test_a_share_of_the_epochs_comes_twice():
    items = on_the_way("duplicated", share_ratio=0.4)
    twice = [a for a, b in pairwise(items) if a == b]
    assert len(twice) == len(items) - 300
    assert 10 <= len(twice) <= 30


def test_epochs_change_places_and_none_is_lost():
    items = on_the_way("out-of-order", share_ratio=0.4)
    assert len(b"".join(i.data for i in items)) == len(b"".join(i.data for i in STEPS))
    assert b"".join(i.data for i in items) != b"".join(i.data for i in STEPS)


def test_as_many_bits_are_wrong_as_were_asked_for():
    items = on_the_way("bit-errors", per_bit_ratio=1e-2)
    wrong = sum(
        (a ^ b).bit_count()
        for item, step in zip(items, STEPS, strict=True)
        for a, b in zip(item.data, step.data, strict=True)
    )
    bits = 8 * sum(len(s.data) for s in STEPS[100:150])
    assert wrong == pytest.approx(0.01 * bits, rel=0.25)


def sound(data: bytes) -> int:
    return sum(map(frame_bits.is_frame, frame_bits.pieces(data)))


@pytest.mark.parametrize(("kind", "shorter"), [("truncated", True), ("crc-storm", False)])
def test_a_share_of_the_frames_is_damaged(kind, shorter):
    items = on_the_way(kind, share_ratio=0.3)
    data = b"".join(i.data for i in items)
    assert (len(data) < sum(len(s.data) for s in STEPS)) == shorter
    assert 600 - sound(data) == pytest.approx(30, abs=14)


def test_pieces_joined_are_the_data_even_where_a_frame_begins_within_another():
    inner = frame_bits.framed(b"\xd3\x00\x01" + bytes(5))
    data = b"$GNGGA,x*00\r\n" + inner + b"\xd3\x00" + inner[:-1] + inner
    parts = list(frame_bits.pieces(data))
    assert b"".join(parts) == data
    assert [p for p in parts if frame_bits.is_frame(p) and p == inner] == [inner, inner]


@pytest.mark.parametrize("kind", ["bit-errors", "truncated", "duplicated"])
def test_the_same_seed_damages_the_same_and_another_one_does_not(kind):
    assert on_the_way(kind) == on_the_way(kind)
    other = scenario(fault(kind))
    other = StationFaults(
        Scenario("test", "", 2, other.start_gpst_s, 300.0, (STATION,), faults=other.faults), "FLT1"
    )
    assert list(other.timed(STEPS)) != on_the_way(kind)
