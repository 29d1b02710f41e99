"""The demo runs by itself, says where to look, and leaves nothing behind."""

import asyncio
import re
import signal
import urllib.request

from stationd_simulators.demonstration import demonstrate


async def test_the_demo_says_where_to_look_and_there_is_something(tmp_path):
    lines, tasks = [], []

    async def look(address: str) -> str:
        text = await asyncio.to_thread(page, address)
        signal.raise_signal(signal.SIGTERM)  # as whoever ends the demo does
        return text

    def say(line: str) -> None:
        lines.append(line)
        if found := re.search(r"http://\S+/metrics", line):
            tasks.append(asyncio.create_task(look(found[0])))

    async with asyncio.timeout(120):
        await demonstrate(tmp_path, None, say)
        text = await tasks[0]
    assert lines[-1] == "ended"
    assert text.count('stationd_connected{station="GZ0') == 8
    assert len(list((tmp_path / "history").glob("*.tenv3"))) == 8


def page(address: str) -> str:
    """Return the page once it has every station: the daemon begins while we ask."""
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                text = answer.read().decode()
        except OSError:  # nobody listens yet
            continue
        if 'stationd_connected{station="GZ08"}' in text:
            return text
