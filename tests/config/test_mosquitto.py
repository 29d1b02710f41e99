"""The shipped broker configuration does in a real Mosquitto what it says."""

from pathlib import Path

import aiomqtt
import pytest
from broker import Broker

FOLDER = Path(__file__).parents[2] / "config" / "mosquitto"
TOPIC = "stationd/v1/edge/station/A/state"


@pytest.fixture
def shipped(peer, tmp_path):
    """Return a broker with the shipped configuration, on a port and in a folder of the test."""
    text = (FOLDER / "mosquitto.conf").read_text()
    text = text.replace("persistence_location ./", f"persistence_location {tmp_path}/")
    lines = [line for line in text.splitlines() if not line.startswith("listener ")]
    broker = Broker(peer("mosquitto"), tmp_path, *lines, f"acl_file {FOLDER / 'acl'}")
    broker.start()
    yield broker
    broker.stop()


async def publish(broker, username, payload):
    async with aiomqtt.Client("127.0.0.1", broker.port, username=username) as client:
        await client.publish(TOPIC, payload, qos=1, retain=True)


async def test_a_retained_state_survives_a_restart_of_the_broker(shipped):
    await publish(shipped, "stationd", "before")
    shipped.stop()
    shipped.start()
    async with shipped.listening(TOPIC, username="reader") as listener:
        await listener.until(lambda: listener.messages, "the retained state")
    assert listener.messages[0].payload == b"before"


async def test_whoever_only_watches_may_not_write(shipped):
    await publish(shipped, "stationd", "true")
    await publish(shipped, "reader", "false")
    async with shipped.listening(TOPIC, username="stationd") as listener:
        await listener.until(lambda: listener.messages, "the retained state")
    assert [message.payload for message in listener.messages] == [b"true"]
