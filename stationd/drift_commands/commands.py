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
    typer.Argument(
        help="Series: tenv3, tenv, txyz2, .pos, SINEX, TMS, CSV, …, also .gz; or a store"
    ),
]
StepsFile = Annotated[
    Path | None,
    typer.Option("--steps", help="Lines STATION decimal-year, NGL's steps.txt, a site log, …"),
]
PlacesFile = Annotated[
    Path | None,
    typer.Option(
        "--places",
        help="Where stations are, for a catalogue of earthquakes in --steps: "
        "CSV station,latitude,longitude; tenv3; NGL's DataHoldings; SINEX",
    ),
]
Decisions = Annotated[
    Path | None,
    typer.Option(help="CSV: station,epoch,state,author,reason; confirmed and rejected steps"),
]
Columns = Annotated[
    str | None, typer.Option(help="Of CSV: day=time,east=lon,north=lat,up=ver,station=name")
]
Unit = Annotated[str, typer.Option(help="Of CSV lengths: m, cm or mm")]
StationName = Annotated[
    str, typer.Option("--station", help="Of files that do not say it; of a store: which")
]
FrameName = Annotated[
    str, typer.Option("--frame", help="Of files that do not say it; of a store: which")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


@app.command()
def velocity(
    files: Files,
    steps: StepsFile = None,
    places: PlacesFile = None,
    decisions: Decisions = None,
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

    asked = reading.asked(method=method, steps=steps, places=places, decisions=decisions)
    options = reading.options_of(columns, unit, station, frame)
    report_on("velocity", files, options, asked, as_json=as_json)


@app.command("steps")
def find_steps(
    files: Files,
    steps: StepsFile = None,
    places: PlacesFile = None,
    decisions: Decisions = None,
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

    asked = reading.asked(steps=steps, places=places, decisions=decisions, threshold=threshold)
    options = reading.options_of(columns, unit, station, frame)
    report_on("steps", files, options, asked, as_json=as_json)


@app.command()
def noise(
    files: Files,
    steps: StepsFile = None,
    places: PlacesFile = None,
    decisions: Decisions = None,
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

    asked = reading.asked(steps=steps, places=places, decisions=decisions, noise=kind)
    options = reading.options_of(columns, unit, station, frame)
    report_on("noise", files, options, asked, as_json=as_json)


@app.command()
def yearly(
    files: Files,
    steps: StepsFile = None,
    places: PlacesFile = None,
    decisions: Decisions = None,
    adopted: Annotated[
        Path | None,
        typer.Option(
            help="CSV: station,east_mm_per_year,north_mm_per_year,up_mm_per_year; of the same frame"
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="Length of a session, where two are compared")] = 30,
    horizontal_mm: Annotated[float, typer.Option(help="Tolerance")] = 10.0,
    up_mm: Annotated[float, typer.Option(help="Tolerance")] = 20.0,
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
    as_json: AsJson = False,
) -> None:
    """Say which stations moved against their adopted velocity and their network (Order 190, 13)."""
    import json  # noqa: PLC0415 - with the modules below

    from stationd.drift.wording import worded  # noqa: PLC0415 - loads numpy
    from stationd.drift.yearly import Rules  # noqa: PLC0415 - loads scipy
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands import yearly_report as yearly  # noqa: PLC0415 - loads scipy

    if not (days >= 1 and horizontal_mm > 0 and up_mm > 0):
        reading.fail("--days, --horizontal-mm, --up-mm: write numbers above 0", reading.EXIT_USAGE)
    many = reading.series_of(files, reading.options_of(columns, unit, station, frame))
    report = yearly.yearly_report(
        many,
        reading.asked(steps=steps, places=places, decisions=decisions),
        yearly.adopted_velocities(adopted),
        Rules(horizontal_mm / 1e3, up_mm / 1e3),
        days,
    )
    typer.echo(json.dumps(report) if as_json else worded("yearly", [report]))


@app.command()
def convert(
    files: Files,
    to: Annotated[str, typer.Option(help="csv, which keeps everything, or tenv3")] = "csv",
    output: Annotated[Path, typer.Option(help='A file; "-" for standard output')] = Path("-"),
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
) -> None:
    """Write series of any format as CSV or as NGL's tenv3; sessions become series."""
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy

    many = reading.series_of(files, reading.options_of(columns, unit, station, frame))
    reading.write(reading.converted(many, to).encode(), output)


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(help="A series file of one station")],
    output: Annotated[Path, typer.Option(help="A file that ends in .png or .svg")],
    steps: StepsFile = None,
    places: PlacesFile = None,
    decisions: Decisions = None,
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
) -> None:
    """Draw a series with its model, its steps, confirmed and proposed, and the residuals."""
    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands.drawing import drawn  # noqa: PLC0415 - loads matplotlib

    many = reading.series_of([file], reading.options_of(columns, unit, station, frame))
    reading.write(
        drawn(many, reading.asked(steps=steps, places=places, decisions=decisions), output), output
    )


@app.command("import")
def import_series(
    files: Files,
    store: Annotated[
        Path,
        typer.Option(
            help="A file, made where it is not there; or a folder: coordinates.sqlite in it"
        ),
    ],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put series in the place of those that are kept")
    ] = False,
    columns: Columns = None,
    unit: Unit = "",
    station: StationName = "",
    frame: FrameName = "",
    as_json: AsJson = False,
) -> None:
    """Keep series in a store, which grows by what is new; another solution is refused."""
    import json  # noqa: PLC0415 - with the modules below

    from stationd.drift_commands import files as reading  # noqa: PLC0415 - loads numpy
    from stationd.drift_commands import keeping  # noqa: PLC0415 - as above

    options = reading.options_of(columns, unit, station, frame)
    done = keeping.import_into(store, files, options, replace=replace)
    for sentence in done.errors:
        typer.echo(f"stationd: {sentence}", err=True)
    if as_json:
        typer.echo(json.dumps([one._asdict() for one in done.added]))
    else:
        for line in keeping.added_text(done.added):
            typer.echo(line)
    if done.errors:
        raise typer.Exit(reading.EXIT_FAILED)


@app.command("list")
def list_series(
    store: Annotated[Path, typer.Argument(help="A store, or the folder that it is in")],
    as_json: AsJson = False,
) -> None:
    """List the series of a store: station, frame, how many sessions, from when to when."""
    import json  # noqa: PLC0415 - with the module below

    from stationd.drift_commands import keeping  # noqa: PLC0415 - loads numpy

    kept = keeping.kept_in(store)
    if as_json:
        typer.echo(json.dumps(keeping.kept_json(kept)))
        return
    for line in keeping.kept_text(kept):
        typer.echo(line)
