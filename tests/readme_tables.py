"""The README's tables, made from the code: `python tests/readme_tables.py` writes them anew.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`; a test holds it against the code.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import typer.main

import stationd_simulators.cli
from stationd.checks import CHECKS
from stationd.checks.verdict import Settling
from stationd.cli import app
from stationd.sinks import SINKS
from stationd.sinks.mqtt.payloads import TOPICS
from stationd.sinks.prometheus.metric_families import documented
from stationd.sources import SOURCES

README = Path(__file__).resolve().parent.parent / "README.md"
_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def checks() -> str:
    common = {field.name for field in fields(Settling)}

    def limits(of: type[Settling]) -> str:
        own = [field for field in fields(of) if field.name not in common]
        return ", ".join(f"`{f.name}` = {_default(f)}" for f in own)

    rows = ((f"`{c.name}`", c.meaning, limits(c.limits)) for c in CHECKS)
    return table(("check", "what it asks", "limits and their defaults"), rows)


def _default(field: object) -> str:
    value = field.default if field.default is not MISSING else field.default_factory()
    if isinstance(value, dict):
        return ", ".join(f"{key} {number}" for key, number in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def metrics() -> str:
    rows = (
        (f"`{f.name}`", f.kind, ", ".join(f.labels), f.meaning.replace("|", "\\|"))
        for f in documented()
    )
    return table(("metric", "type", "labels", "meaning"), rows)


def topics() -> str:
    return table(("topic", "sent", "content"), ((f"`{t}`", s, c) for t, s, c in TOPICS))


def sources() -> str:
    return table(("type", "what it is"), ((f"`{k}`", s.meaning) for k, s in SOURCES.items()))


def sinks() -> str:
    def first_line(of: type) -> str:
        return (of.__doc__ or "").splitlines()[0]

    return table(
        ("type", "its settings"), ((f"`{k}`", first_line(s.settings)) for k, s in SINKS.items())
    )


def commands() -> str:
    return _commands("stationd", typer.main.get_command(app))


def simulator_commands() -> str:
    return _commands("stationd-sim", typer.main.get_command(stationd_simulators.cli.app))


def _commands(program: str, group: Any) -> str:
    return table(("command", "what it does"), _command_rows(program, group))


def _command_rows(program: str, group: Any) -> list[tuple[str, str]]:
    rows = []
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            rows += _command_rows(f"{program} {name}", command)
            continue
        words = [f"{program} {name}"]
        for one in command.params:
            if one.param_type_name == "argument":
                words.append(one.name.upper() if one.required else f"[{one.name.upper()}]")
            elif one.name != "help":
                option = max(one.opts, key=len)
                words.append(f"{option} …" if one.required else f"[{option}]")
        rows.append((f"`{' '.join(words)}`", (command.help or "").splitlines()[0]))
    return rows


TABLES: dict[str, Callable[[], str]] = {
    function.__name__: function
    for function in (
        commands,
        simulator_commands,
        sources,
        checks,
        sinks,
        metrics,
        topics,
    )
}


def rewritten(text: str) -> str:
    """Return the README's text with every table made anew."""
    return _MARKED.sub(lambda m: f"{m[1]}{TABLES[m[2]]()}{m[3]}", text)


if __name__ == "__main__":
    README.write_text(rewritten(README.read_text("utf-8")), "utf-8")
