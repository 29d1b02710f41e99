"""Known steps: their epochs, their station's several names, and what they become."""

from stationd.drift.known_step import Change, KnownStep, of_station
from stationd.drift.steps import StepState


def step(station: str, mjd: float, change: Change = Change.OTHER) -> KnownStep:
    return KnownStep(station, mjd, change, "seen", "list.txt", 7)


def test_names_of_four_and_of_nine_letters_are_one_station():
    steps = [step("brux", 2.0), step("BRUX00BEL", 1.0), step("BRU", 3.0), step("BRUY", 4.0)]
    assert [found.mjd for found in of_station(steps, "BRUX")] == [1.0, 2.0]
    assert [found.mjd for found in of_station(steps, "BRUX00BEL")] == [1.0, 2.0]
    assert of_station([step("BRUX00BEL", 1.0)], "BRUX00DEU") == ()


def test_a_step_of_a_list_stands_for_the_list():
    quake = step("BRUX", 51544.5, Change.EARTHQUAKE).as_step()
    assert (quake.t_years, quake.seismic, quake.state) == (2000.0, True, StepState.CONFIRMED)
    assert (quake.author, quake.reason) == ("list.txt, line 7", "seen")
    assert step("BRUX", 1.0).as_step(StepState.PROPOSED).state is StepState.PROPOSED
