"""The demo runs by itself, says where to look, and there is something to be seen."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from stationd_simulators.demo import demo


async def test_the_demo_says_where_to_look_and_all_stations_are_there(tmp_path, capsys):
    running = asyncio.create_task(demo(tmp_path, None))
    said = ""
    async with asyncio.timeout(120):
        while not (found := re.search(r"http://\S+/metrics", said)):
            assert not running.done()
            await asyncio.sleep(0)
            said += capsys.readouterr().out
        text = await asyncio.to_thread(page, found[0])
        signal.raise_signal(signal.SIGTERM)  # as whoever ends the demo does
        await running
    said += capsys.readouterr().out
    assert said.endswith("ended\n")
    assert text.count('stationd_connected{station="GZ0') == 8


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


@pytest.mark.parametrize("seconds", ["abc", "0", "-5", "nan"])
def test_a_wrong_length_ends_with_a_sentence(seconds):
    environment = {**os.environ, "DEMO_SECONDS": seconds}
    command = [sys.executable, "-m", "stationd_simulators.demo"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f'DEMO_SECONDS="{seconds}": write a number of seconds above 0\n'
