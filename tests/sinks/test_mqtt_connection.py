"""Connecting: encryption, certificates, a client that another replaces, and foreign complaints."""

import asyncio
import logging
import subprocess
from types import SimpleNamespace

import aiomqtt
import pytest
from broker import Broker
from sinks.mqtt_facts import facts, settings, surroundings

from stationd.sinks.mqtt import MqttSink
from stationd.sinks.mqtt.connection import quiet_paho, tls_context
from stationd.supervise import UnavailableError


@pytest.fixture(scope="module")
def pki(tmp_path_factory, peer):
    """Make an authority, a certificate for the broker and one for us."""
    folder = tmp_path_factory.mktemp("pki")
    openssl = peer("openssl")

    def run(*words):
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True, timeout=60)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    for authority in ("ca", "stranger"):
        run("req", "-x509", *new, "-days", "2", "-subj", f"/CN={authority}",
            "-addext", "keyUsage=keyCertSign", "-keyout", f"{authority}.key",
            "-out", f"{authority}.pem")  # fmt: skip
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    for name in ("broker", "watcher"):
        run("req", *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-days", "2", "-CAcreateserial", "-extfile", "names",
            "-out", f"{name}.pem")  # fmt: skip
    return folder


@pytest.fixture
def encrypted(peer, pki, tmp_path):
    """Start a broker that speaks TLS only, with clients that have a certificate."""
    broker = Broker(
        peer("mosquitto"), tmp_path / "broker",
        f"cafile {pki / 'ca.pem'}", f"certfile {pki / 'broker.pem'}",
        f"keyfile {pki / 'broker.key'}", "require_certificate true",
        "use_identity_as_username true",
    ).start()  # fmt: skip
    yield broker
    broker.stop()


def sink_of(broker, tmp_path, **changes):
    return MqttSink(settings(broker.port, **changes), surroundings(tmp_path / "state"))


def certified(pki, **changes):
    return {
        "tls": True,
        "tls_ca": pki / "ca.pem",
        "tls_certificate": pki / "watcher.pem",
        "tls_key": pki / "watcher.key",
        **changes,
    }


async def until_delivered(sink, count):
    """Run the sink until so many messages were acknowledged."""
    running = asyncio.create_task(sink.run())
    async with asyncio.timeout(20):
        while sink.counters().delivered < count and not running.done():
            await sink._mail.outbox.written()
    running.cancel()
    await asyncio.wait((running,))
    if not running.cancelled():
        running.result()


async def test_an_authority_of_our_own_and_a_certificate_of_our_own(encrypted, pki, tmp_path):
    sink = sink_of(encrypted, tmp_path, **certified(pki))
    sink.publish(facts())
    await until_delivered(sink, 1)
    assert "u'watcher'" in encrypted.log()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tls_ca": "stranger.pem"}, "CERTIFICATE_VERIFY_FAILED"),
        ({"host": "localhost"}, "certificate is not valid for 'localhost'"),
    ],
)
async def test_a_broker_that_is_not_the_right_one_is_not_spoken_to(
    encrypted, pki, tmp_path, changes, words
):
    if "tls_ca" in changes:
        changes = {"tls_ca": pki / changes["tls_ca"]}
    sink = sink_of(encrypted, tmp_path, **certified(pki, **changes))
    with pytest.raises(UnavailableError, match=words):
        await sink.run()


async def test_a_missing_certificate_of_our_own_is_refused(encrypted, pki, tmp_path):
    sink = sink_of(encrypted, tmp_path, tls=True, tls_ca=pki / "ca.pem", timeout_s=2)
    with pytest.raises(UnavailableError, match="no MQTT broker answers"):
        await sink.run()


@pytest.mark.parametrize(
    ("key", "name"), [("tls_ca", "absent.pem"), ("tls_ca", "names"), ("tls_certificate", "names")]
)
def test_a_file_that_cannot_be_used_is_told_with_its_key(pki, key, name):
    with pytest.raises(UnavailableError, match=f"cannot use {key}.*{name}"):
        tls_context(settings(1, **certified(pki, **{key: pki / name})))


async def test_a_client_that_another_replaces_is_told_why(broker, tmp_path):
    sink = sink_of(broker, tmp_path)
    sink.publish(facts())
    running = asyncio.create_task(sink.run())
    async with broker.listening() as listener:
        await listener.until(lambda: listener.of("state"), "a state")
    twin = aiomqtt.Client("127.0.0.1", broker.port, identifier="stationd-node1-mqtt")
    async with twin:
        with pytest.raises(UnavailableError, match="another client uses the client id stationd-n"):
            await running


class Complaints:
    """A loop that keeps what it is told to say."""

    def __init__(self):
        self.said = []

    def default_exception_handler(self, context):
        self.said.append(context)


@pytest.mark.parametrize(
    ("message", "error", "said"),
    [
        ("Future exception was never retrieved", aiomqtt.MqttCodeError(7), False),
        ("Future exception was never retrieved", LookupError(), True),
        ("Task exception was never retrieved", aiomqtt.MqttCodeError(7), True),
        ("Exception in callback", aiomqtt.MqttCodeError(7), True),
    ],
)
def test_only_the_complaint_about_pahos_futures_is_dropped(message, error, said):
    loop = Complaints()
    quiet_paho(loop, {"message": message, "exception": error})
    assert bool(loop.said) is said


async def test_a_broker_that_is_killed_leaves_no_complaint_in_the_log(broker, tmp_path, caplog):
    told = []
    loop = asyncio.get_running_loop()
    stand_in = SimpleNamespace(default_exception_handler=told.append)
    loop.set_exception_handler(lambda _, context: quiet_paho(stand_in, context))
    sink = sink_of(broker, tmp_path)
    sink.publish(facts())
    running = asyncio.create_task(sink.run())
    async with broker.listening() as listener:
        await listener.until(lambda: listener.of("state"), "a state")
    with caplog.at_level(logging.WARNING):
        broker.kill()
        for number in range(1, 50):
            sink.publish(facts(number=number * 60))
        with pytest.raises(UnavailableError, match=r"MQTT broker at 127\.0\.0\.1"):
            await running
    assert told == []
    assert [record.message for record in caplog.records] == []
