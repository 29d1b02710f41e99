"""What `stationd drift` offers: options and their help; the work is in the modules beside it.

Exit codes: 0 done, 1 a file or a series failed, 2 usage, 78 configuration.  numpy and scipy are
loaded by the command that needs them, so that other commands start at once.
"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="drift",
    help="Coordinate series to velocity, steps, noise and the yearly test.",
    no_args_is_help=True,
)

Files = Annotated[
    list[Path],
    typer.Argument(help="Series: tenv3, tenv, txyz2, .pos, SINEX, TMS, CSV, …; also .gz"),
]
StepsFile = Annotated[
    Path | None,
    typer.Option("--steps", help="Lines STATION decimal-year, NGL's steps.txt, a site log, …"),
]
Columns = Annotated[
    str | None, typer.Option(help="Of CSV: day=time,east=lon,north=lat,up=ver,station=name")
]
Unit = Annotated[str, typer.Option(help="Of CSV lengths: m, cm or mm")]
StationName = Annotated[str, typer.Option("--station", help="Of files that do not say it")]
FrameName = Annotated[str, typer.Option("--frame", help="Of files that do not say it")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def velocity(
    files: Files,
    steps: StepsFile = None,
    method: Annotated[str, typer.Option(help="midas or gls")] = "midas",
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
    as_json: AsJson = False,
) -> None:
    """Estimate velocities: MIDAS, or generalised least squares with white and flicker noise."""
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands.working import report_on  # noqa: PLC0415 - loads scipy

    asked = reading.asked(method=method, steps=steps)
    options = reading.options_of(columns, unit, station, frame)
    report_on("velocity", files, options, asked, as_json=as_json)


@app.command("steps")
def find_steps(
    files: Files,
    steps: StepsFile = None,
    threshold: Annotated[float, typer.Option(help="Likelihood ratio to pass")] = 25.0,
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
    as_json: AsJson = False,
) -> None:
    """Propose steps beyond the known ones: epoch, size, significance; a person decides."""
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands.working import report_on  # noqa: PLC0415 - loads scipy

    asked = reading.asked(steps=steps, threshold=threshold)
    options = reading.options_of(columns, unit, station, frame)
    report_on("steps", files, options, asked, as_json=as_json)


@app.command()
def noise(
    files: Files,
    steps: StepsFile = None,
    kind: Annotated[
        str, typer.Option(help="white, white+flicker or white+power-law")
    ] = "white+flicker",
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
    as_json: AsJson = False,
) -> None:
    """Estimate the noise of series: white and flicker, or white and a power law of free index."""
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands.working import report_on  # noqa: PLC0415 - loads scipy

    asked = reading.asked(steps=steps, noise=kind)
    options = reading.options_of(columns, unit, station, frame)
    report_on("noise", files, options, asked, as_json=as_json)
