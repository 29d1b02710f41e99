"""A measured figure, and what it must reach."""

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured figure. `at_least`, `at_most`: what it must reach, None: nothing is asked."""

    name: str
    value: float
    unit: str
    conditions: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether it reaches what it must; None where nothing is asked."""
        if self.at_least is None and self.at_most is None:
            return None
        low = self.at_least is None or self.value >= self.at_least
        return low and (self.at_most is None or self.value <= self.at_most)

    @property
    def wanted(self) -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return "" if self.at_most is None else f"<= {self.at_most:g}"
