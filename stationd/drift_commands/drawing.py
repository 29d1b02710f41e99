"""`drift plot`: fits and scans one station's series, and draws it."""

from collections.abc import Sequence
from pathlib import Path

from stationd.drift.decisions import judged
from stationd.drift.noise import NoiseKind
from stationd.drift.reports import Asked, NoAnswerError, filled, fits_of, model_of, steps_of
from stationd.drift.series import Series
from stationd.drift.step_scan import TooShortError, scan_steps
from stationd.drift_commands.files import EXIT_USAGE, fail

KINDS = {".png": "png", ".svg": "svg"}


def drawn(many: Sequence[Series], asked: Asked, output: Path) -> bytes:
    """Return the figure of one station; what cannot be drawn ends with a sentence."""
    kind = KINDS.get(output.suffix.lower())
    if kind is None:
        fail(f"--output {output}: write a name that ends in .png or .svg", EXIT_USAGE)
    if len(many) != 1:
        fail(
            f"plot draws one series, here are {len(many)}: give a file of one, or choose from a "
            "store by --station and --frame",
            EXIT_USAGE,
        )
    try:
        from stationd.drift.plot import drawing  # noqa: PLC0415 - an extra may be absent
    except ImportError:
        fail('plot needs matplotlib: pip install "stationd[plot]"')
    series = many[0]
    steps = steps_of(series, asked.known, asked.decisions)
    try:
        fits = fits_of(series, model_of(steps), NoiseKind.WHITE_FLICKER)
        proposed = judged(scan_steps(filled(series), steps).steps, asked.decisions)
    except (NoAnswerError, TooShortError) as error:
        fail(str(error))
    return drawing(series, tuple(fits.values()), (*steps, *proposed), kind)
