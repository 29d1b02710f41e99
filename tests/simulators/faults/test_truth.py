"""Faults of the truth: where the antenna is moved to."""

import numpy as np
import pytest
from simulators.faults.faulty import fault, moment, scenario

from stationd_simulators.faults import truth
from stationd_simulators.faults.applied import StationFaults
from stationd_simulators.scenario import Fault


def test_a_step_stays_a_drift_stops_and_a_tilted_pillar_sinks_little():
    assert truth.step(truth.Displaced((0.02, 0.0, 0.0)), moment(500.0)) == (0.02, 0.0, 0.0)
    creep = truth.Drift((1e-4, 0.0, -2e-4))
    assert truth.drift(creep, moment(30.0)) == pytest.approx((3e-3, 0.0, -6e-3))
    assert truth.drift(creep, moment(500.0)) == pytest.approx((6e-3, 0.0, -12e-3))
    leaning = truth.Tilt(pillar_m=3.0, rate_rad_per_s=1e-3, azimuth_deg=90.0)
    east, north, up = truth.tilt(leaning, moment(60.0))
    assert np.hypot(east, 3.0 + up) == pytest.approx(3.0)  # the pillar keeps its length
    assert (east, north) == pytest.approx((3.0 * np.sin(0.06), 0.0))


def test_displacements_add_up_from_when_they_begin():
    faults = StationFaults(
        scenario(
            fault("displacement-step", 100.0, enu_m=(0.01, 0.0, 0.0)),
            fault("displacement-step", 200.0, enu_m=(0.02, 0.0, 0.5)),
        ),
        "FLT1",
    )
    begin_s = 1_456_000_000.0
    assert faults.displacement_enu_m(begin_s + 99.9) == (0.0, 0.0, 0.0)
    assert faults.displacement_enu_m(begin_s + 150.0) == (0.01, 0.0, 0.0)
    assert faults.displacement_enu_m(begin_s + 290.0) == pytest.approx((0.03, 0.0, 0.5))


def test_a_fault_concerns_the_stations_that_it_names_and_all_where_it_names_none():
    one = fault("displacement-step")
    assert StationFaults(scenario(one), "REF1").displacement_enu_m(2e9) == (0.0, 0.0, 0.0)
    everywhere = Fault(one.kind, 0.0, 1.0, (), one.parameters)
    assert StationFaults(scenario(everywhere), "REF1").displacement_enu_m(2e9)[0] == 0.02
