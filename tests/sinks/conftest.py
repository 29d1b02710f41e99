"""What the tests of sinks share."""

import pytest
from broker import Broker


@pytest.fixture
def broker(peer, tmp_path):
    """Start a Mosquitto that lets everybody in."""
    broker = Broker(peer("mosquitto"), tmp_path / "broker").start()
    yield broker
    broker.stop()
