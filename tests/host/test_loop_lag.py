"""A loop that stands still is seen."""

import asyncio
import time

from stationd.host.loop_lag import STEP_S, LoopLag


def test_nothing_is_known_at_first():
    lag = LoopLag()
    assert lag.longest_s is None
    assert lag.quantile_s(0.99) is None


async def test_a_blocked_loop_shows_as_lag():
    lag = LoopLag()
    task = asyncio.create_task(lag.run())
    loop = asyncio.get_running_loop()
    blocked = loop.create_future()

    def block() -> None:
        time.sleep(3 * STEP_S)  # the standstill that is to be seen
        loop.call_later(2 * STEP_S, blocked.set_result, None)

    loop.call_later(STEP_S / 2, block)
    await blocked
    task.cancel()
    assert lag.longest_s > STEP_S


def test_quantiles_are_of_what_was_measured():
    lag = LoopLag()
    lag._lags_s.extend(n / 1000 for n in range(100))
    assert lag.quantile_s(0.5) == 0.05
    assert lag.quantile_s(0.99) == 0.099
    assert lag.quantile_s(1.0) == 0.099
