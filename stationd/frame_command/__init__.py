"""The command `frame`: coordinates from one frame and epoch to another, one point or a CSV file."""

from pathlib import Path
from typing import Annotated, Final

import typer

# Without this the minus of a coordinate is taken for an option.
CONTEXT_SETTINGS: Final = {"ignore_unknown_options": True}


def frame(  # noqa: PLR0913 - as many options as the command has
    point: Annotated[
        list[str] | None, typer.Argument(help="X Y Z, geocentric, metres", metavar="X Y Z")
    ] = None,
    *,
    source: Annotated[str, typer.Option("--from", help="Frame and epoch, ITRF2020@2025.5")],
    target: Annotated[str, typer.Option("--to", help="Frame and epoch, CGCS2000@2000.0")],
    velocity: Annotated[
        str | None,
        typer.Option(
            help="VX,VY,VZ@ITRF97, metres a year; with --csv also columns@ITRF97, which takes "
            "vx_m_per_year, vy_m_per_year, vz_m_per_year of each row"
        ),
    ] = None,
    velocities: Annotated[
        Path | None, typer.Option(help="Velocity models (TOML), as config/frames/velocities.toml")
    ] = None,
    station: Annotated[
        str | None, typer.Option(help="The station, for its velocity in --velocities")
    ] = None,
    plane: Annotated[
        str | None,
        typer.Option(help="Gauss-Krueger plane too: EPSG:4526, or its central meridian, 113.3E"),
    ] = None,
    local: Annotated[
        Path | None, typer.Option(help="Local plane and heights too, by a protected file (0600)")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="A table with the columns x_m,y_m,z_m [epoch] [station]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Take coordinates from one frame and epoch to another: by EPSG's operations, never a guess."""
    from stationd.frame_command.conversion import (  # noqa: PLC0415 - numpy and PROJ are loaded where they are used
        Motion,
        Targets,
        print_point,
        print_table,
    )
    from stationd.frame_command.files import EXIT_USAGE, asked, left  # noqa: PLC0415 - as above
    from stationd.geodesy.frames import frame_and_epoch  # noqa: PLC0415 - as above

    start = asked(frame_and_epoch, source)
    targets = Targets(target, plane, local)
    motion = Motion(velocity, velocities)
    if csv is None:
        print_point(point or [], start, targets, motion, station=station, as_json=as_json)
        return
    if point or station:
        raise left("with --csv the points and stations are in the file", EXIT_USAGE)
    print_table(csv, start, targets, motion, as_json=as_json)
