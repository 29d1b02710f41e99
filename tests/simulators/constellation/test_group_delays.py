"""What the Galileo messages say of delays, by the interface document; the rest is in closure."""

import pytest
from pyrtcm import RTCMReader

from stationd_simulators.constellation.constellations import Constellations

START_GPST_S = 2446 * 604_800.0
E1_HZ, E5A_HZ, E5B_HZ = 1575.42e6, 1176.45e6, 1207.14e6


def ionosphere_free(first_s: float, second_s: float, first_hz: float, second_hz: float) -> float:
    gamma = (first_hz / second_hz) ** 2
    return (second_s - gamma * first_s) / (1.0 - gamma)


@pytest.fixture(scope="module")
def sky():
    return Constellations.make("GRECJ", START_GPST_S, seed=3)


@pytest.fixture(scope="module")
def galileo(sky):
    """Return parsed messages by (identity, satellite's name)."""
    parsed = (RTCMReader.parse(frame) for frame in sky.frames_in_force(START_GPST_S))
    return {
        (message.identity, f"E{message.DF252:02d}"): message
        for message in parsed
        if message.identity in {"1045", "1046"}
    }


def test_the_clock_of_inav_is_that_of_e1_and_e5b_and_fnavs_that_of_e1_and_e5a(sky, galileo):
    for name in (name for name in sky.satellites if name[0] == "E"):
        inav_s, fnav_s = (galileo[number, name].DF296 for number in ("1046", "1045"))
        e1_s, e5a_s, e5b_s = (sky.group_delay_s(name, code) for code in ("1C", "5Q", "7Q"))
        assert ionosphere_free(e1_s, e5b_s, E1_HZ, E5B_HZ) == pytest.approx(0.0, abs=1e-18)
        combined_s = ionosphere_free(e1_s, e5a_s, E1_HZ, E5A_HZ)
        assert inav_s - combined_s == pytest.approx(fnav_s, abs=1e-16)


def test_a_user_of_e1_alone_gets_the_same_clock_from_either_message(galileo, sky):
    for name in (name for name in sky.satellites if name[0] == "E"):
        inav, fnav = galileo["1046", name], galileo["1045", name]
        # OS SIS ICD 2.1, 5.1.5: the clock less BGD (E1, E5b), or less BGD (E1, E5a).
        by_inav_s, by_fnav_s = inav.DF296 - inav.DF313, fnav.DF296 - fnav.DF312
        assert by_inav_s == pytest.approx(by_fnav_s, abs=1e-16)
        assert inav.DF312 == fnav.DF312


def test_delays_of_galileo_differ_between_bands(sky):
    delays_s = {sky.group_delay_s("E05", code) for code in ("1C", "5Q", "7Q")}
    assert len(delays_s) == 3


def test_signals_of_which_nothing_is_broadcast_have_no_delay(sky):
    for name, code in (("C20", "6I"), ("C20", "1P"), ("C20", "5P"), ("R05", "1C"), ("R05", "2C")):
        assert sky.group_delay_s(name, code) == 0.0
