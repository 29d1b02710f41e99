"""What the command `frame` reads, and how it leaves: one sentence, and an exit code."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import typer

from stationd.geodesy.frames import FrameError
from stationd.geodesy.local_system import LocalSystem, check_protected, read_local_system
from stationd.geodesy.velocity_models import VelocityModels, read_velocity_models

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_CONFIG: Final = 78  # EX_CONFIG of sysexits.h

Found = TypeVar("Found")


def left(sentence: str, code: int = EXIT_FAILED) -> typer.Exit:
    """Say what is wrong on standard error, and return what to raise."""
    typer.echo(f"stationd: {sentence}", err=True)
    return typer.Exit(code)


def done(call: Callable[..., Found], *arguments: object, code: int = EXIT_FAILED) -> Found:
    """Return what a call gives, or leave with the sentence by which it refuses."""
    try:
        return call(*arguments)
    except FrameError as error:
        sentence = str(error)
    raise left(sentence, code)


def asked(parse: Callable[[str], Found], text: str) -> Found:
    """Return what an argument says, or leave: a wrong one is the user's."""
    return done(parse, text, code=EXIT_USAGE)


def local_system(path: Path) -> LocalSystem:
    """Return the system of a protected file; the grids it names are as protected, beside it."""

    def opened(name: str) -> str:
        return _protected(path.parent / name)[0]

    text, mode = _protected(path)
    return done(read_local_system, text, mode, str(path), opened, code=EXIT_CONFIG)


def velocity_models(path: Path) -> VelocityModels:
    """Return the velocities of a file; the grids it names lie beside it."""

    def opened(name: str) -> str:
        return text_of(path.parent / name, EXIT_CONFIG)

    text = text_of(path, EXIT_CONFIG)
    return done(read_velocity_models, text, str(path), opened, code=EXIT_CONFIG)


def text_of(path: Path, code: int = EXIT_FAILED) -> str:
    """Return the text of a file, or leave."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    raise left(f"{path}: {reason}", code)


def _protected(path: Path) -> tuple[str, int]:
    """Return text and mode of a file; it is refused before a byte of it is read."""
    try:
        with path.open(encoding="utf-8") as file:
            # The mode of what was opened: another file may stand there by now.
            mode = os.fstat(file.fileno()).st_mode
            done(check_protected, mode, str(path), code=EXIT_CONFIG)
            return file.read(), mode
    except OSError as error:
        reason = error.strerror or "cannot be read"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    raise left(f"{path}: {reason}", EXIT_CONFIG)
