"""How late the event loop runs its timers: what a stalled loop looks like from inside."""

import asyncio
from collections import deque
from typing import Final

STEP_S: Final = 0.1
KEPT: Final = 600  # a minute of steps


class LoopLag:
    """Keeps the lateness of a timer over the last minute."""

    def __init__(self) -> None:
        self._lags_s: deque[float] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + STEP_S
            await asyncio.sleep(STEP_S)
            self._lags_s.append(max(0.0, loop.time() - due_s))

    @property
    def longest_s(self) -> float | None:
        """The largest lateness of the last minute; None before the first."""
        return max(self._lags_s, default=None)

    def quantile_s(self, share: float) -> float | None:
        """Return the lateness that `share` of the last minute's timers kept within."""
        if not self._lags_s:
            return None
        ordered = sorted(self._lags_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
