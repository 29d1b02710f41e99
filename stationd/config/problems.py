"""What is wrong with a configuration: each problem a line, all of them together one error."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One sentence about one place. It holds no secret and no coordinate.

    `line`: 0 where the file as a whole is meant. `subject`: for example 'station "ABCD"'; may be
    empty.
    """

    file: str
    line: int
    subject: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.subject, self.sentence) if part)


class ConfigError(Exception):
    """Everything that is wrong with a configuration, in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Findings:
    """What was found while a configuration was read; the same thing found twice counts once."""

    def __init__(self) -> None:
        self._errors: set[Problem] = set()
        self._warnings: set[Problem] = set()

    def error(self, problem: Problem) -> None:
        """Take a problem that forbids to start."""
        self._errors.add(problem)

    def warning(self, problem: Problem) -> None:
        """Take a problem that the operator should know of."""
        self._warnings.add(problem)

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return len(self._errors)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(sorted(self._warnings))

    def raise_errors(self) -> None:
        """Raise `ConfigError` where anything forbids to start."""
        if self._errors:
            raise ConfigError(sorted(self._errors))
