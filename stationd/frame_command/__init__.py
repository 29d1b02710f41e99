"""The commands `frame`, coordinates between frames and epochs, and `tie`, two systems compared.

Here is only what they are asked with; the work, and the libraries it needs, are loaded by then.
"""

from pathlib import Path
from typing import Annotated, Final

import typer

# Without this the minus of a coordinate is taken for an option.
CONTEXT_SETTINGS: Final = {"ignore_unknown_options": True}


Point = Annotated[
    list[str] | None, typer.Argument(help="X Y Z, geocentric, metres", metavar="X Y Z")
]
From = Annotated[str, typer.Option("--from", help="Frame and epoch, ITRF2020@2025.5")]
To = Annotated[str, typer.Option("--to", help="Frame and epoch, CGCS2000@2000.0")]
Motion = Annotated[
    str | None,
    typer.Option(
        help="VX,VY,VZ@ITRF97, metres a year; with --csv also columns@ITRF97, which takes "
        "vx_m_per_year, vy_m_per_year, vz_m_per_year of each row"
    ),
]
Models = Annotated[
    Path | None, typer.Option(help="Velocity models (TOML), as config/frames/velocities.toml")
]
Station = Annotated[str | None, typer.Option(help="The station, for its velocity in --velocities")]
Plane = Annotated[
    str | None,
    typer.Option(help="Gauss-Krueger plane too: EPSG:4526, or its central meridian, 113.3E"),
]
Local = Annotated[
    Path | None, typer.Option(help="Local plane and heights too, by a protected file (0600)")
]
Rows = Annotated[
    Path | None,
    typer.Option("--csv", help="A table with the columns x_m,y_m,z_m [epoch] [station] [frame]"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def frame(  # noqa: PLR0913 - as many options as the command has
    point: Point = None,
    *,
    source: From,
    target: To,
    velocity: Motion = None,
    velocities: Models = None,
    station: Station = None,
    plane: Plane = None,
    local: Local = None,
    csv: Rows = None,
    as_json: AsJson = False,
) -> None:
    """Take coordinates from one frame and epoch to another: by EPSG's operations, never a guess."""
    from stationd.frame_command import conversion  # noqa: PLC0415 - numpy and PROJ are loaded where they are used
    from stationd.frame_command.files import EXIT_USAGE, asked, left  # noqa: PLC0415 - as above
    from stationd.geodesy.frames import frame_and_epoch  # noqa: PLC0415 - as above

    start = asked(frame_and_epoch, source)
    targets = conversion.Targets(target, plane, local)
    motion = conversion.Motion(velocity, velocities)
    if csv is None:
        conversion.print_point(
            point or [], start, targets, motion, station=station, as_json=as_json
        )
        return
    if point or station:
        raise left("with --csv the points and stations are in the file", EXIT_USAGE)
    conversion.print_table(csv, start, targets, motion, as_json=as_json)


def tie(
    points: Annotated[
        Path,
        typer.Argument(
            help="Common points (CSV): east_m,north_m,official_east_m,official_north_m, or "
            "x_m,y_m,z_m,official_x_m,official_y_m,official_z_m; [station]"
        ),
    ],
    *,
    limit: Annotated[float, typer.Option(help="Largest residual of a point, metres")] = 0.02,
    sigma: Annotated[
        float, typer.Option(help="What good coordinates differ by, metres, one component")
    ] = 0.003,
    local: Annotated[
        Path | None,
        typer.Option(
            help="Check the parameters of this protected file too: x_m,y_m,z_m in CGCS2000 "
            "against official_east_m,official_north_m [official_height_NAME_m]"
        ),
    ] = None,
    height_limit: Annotated[
        float, typer.Option(help="Largest residual of a height with --local, metres")
    ] = 0.03,
    as_json: AsJson = False,
) -> None:
    """Check the tie between two systems at points that have coordinates in both; 1 if it fails."""
    from stationd.frame_command.common_points import Limits, check  # noqa: PLC0415 - numpy and PROJ are loaded where they are used
    from stationd.frame_command.files import EXIT_USAGE, left  # noqa: PLC0415 - as above

    if not min(limit, sigma, height_limit) > 0:
        raise left("--limit, --height-limit and --sigma must be metres above 0", EXIT_USAGE)
    check(points, Limits(limit, height_limit, sigma), local, as_json=as_json)
