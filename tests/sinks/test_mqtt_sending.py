"""Many things over one link: order, bound, and which error is told."""

import asyncio

import pytest

from stationd.sinks.mqtt.sending import in_order, together
from stationd.supervise import RefusedError, UnavailableError


async def fail(error):
    raise error


async def for_ever():
    await asyncio.get_running_loop().create_future()


async def test_items_are_begun_in_order_and_no_more_than_allowed_at_once():
    begun, under_way, most = [], set(), 0

    async def send(number):
        nonlocal most
        begun.append(number)
        under_way.add(number)
        most = max(most, len(under_way))
        for _ in range(number % 4):
            await asyncio.sleep(0)
        under_way.remove(number)

    await in_order(range(50), send, 5)
    assert begun == list(range(50))
    assert most == 5


async def test_the_first_failure_ends_the_others_and_is_told_plainly():
    with pytest.raises(UnavailableError, match="gone"):
        await together(for_ever(), fail(UnavailableError("gone")), for_ever())
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([UnavailableError("gone"), RefusedError("no rights")], RefusedError),
        ([UnavailableError("gone"), RefusedError("no rights"), LookupError("bug")], LookupError),
    ],
)
async def test_of_several_failures_the_one_that_says_most_is_told(errors, told):
    with pytest.raises(told):
        await together(*map(fail, errors))


async def test_a_cancellation_is_passed_on_even_beside_a_failure():
    waiting = asyncio.create_task(together(for_ever()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    failing = asyncio.create_task(together(for_ever(), fail(UnavailableError("gone"))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    failing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await failing


async def test_a_task_that_saw_a_failure_does_not_count_as_cancelled():
    with pytest.raises(UnavailableError):
        await together(for_ever(), fail(UnavailableError("gone")))
    assert asyncio.current_task().cancelling() == 0
