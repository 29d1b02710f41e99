"""Positions, clocks, delays and messages at once: RTKLIB finds the receiver where it was put.

Pseudoranges are rounded to a millimetre, as RINEX has it: with weak geometry that is some
millimetres of position. A satellite's set changes by 4 cm (GLONASS: 1 m) and more, so a set
chosen differently, or a field read differently, would be seen.
"""

import pytest

ROLLOVER_GPST_S = 2446 * 604_800.0
LIMIT_M = 0.010


@pytest.mark.parametrize("letters", ["G", "R", "E", "C", "J", "GRECJ"])
def test_rtklib_finds_the_receiver_within_a_centimetre_across_a_week_rollover(
    rtklib_errors_m, letters
):
    epochs, errors_m = rtklib_errors_m(letters, ROLLOVER_GPST_S - 9000.0, 61, 300.0)
    assert len(errors_m) >= (0.9 if letters == "R" else 1.0) * epochs  # GLONASS: DOP above 30
    assert errors_m.max() < LIMIT_M


def test_delays_cancel_where_rtklib_combines_two_frequencies(rtklib_errors_m):
    epochs, errors_m = rtklib_errors_m(
        "GRECJ", ROLLOVER_GPST_S - 9000.0, 31, 600.0, ionosphere="dual-freq"
    )
    assert len(errors_m) == epochs
    assert errors_m.max() < LIMIT_M


def test_the_set_in_use_at_each_second_is_the_one_that_rtklib_takes(rtklib_errors_m):
    # 1:00:00 GPS time hands over GPS and Galileo, 1:00:18 GLONASS; 30 min later BeiDou, QZSS.
    start_gpst_s = ROLLOVER_GPST_S + 3600.0 - 20.0
    epochs, errors_m = rtklib_errors_m("GREC", start_gpst_s, 60, 1.0)
    assert len(errors_m) == epochs
    assert errors_m.max() < LIMIT_M
    epochs, errors_m = rtklib_errors_m("CJ", start_gpst_s + 1800.0, 60, 1.0)
    assert len(errors_m) == epochs
    assert errors_m.max() < LIMIT_M


@pytest.mark.campaign
@pytest.mark.parametrize("letters", ["G", "R", "E", "C", "J", "GRECJ"])
def test_rtklib_finds_the_receiver_for_thirty_hours(rtklib_errors_m, letters):
    epochs, errors_m = rtklib_errors_m(letters, ROLLOVER_GPST_S - 10_800.0, 3601, 30.0)
    assert len(errors_m) >= (0.9 if letters == "R" else 1.0) * epochs
    assert errors_m.max() < LIMIT_M
