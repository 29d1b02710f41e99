"""The Prometheus sink over real sockets: pages, logins, TLS, and clients that mean no good."""

import asyncio
import base64
import gzip
import logging
import socket
import ssl
import subprocess
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families
from sinks.made_facts import facts, full_facts, instant
from sinks.scraper import ask, read_answer, serving

from stationd.facts import CheckResult, Health, StationFacts
from stationd.sinks.daemon_facts import DaemonFacts
from stationd.sinks.prometheus import Settings
from stationd.sinks.prometheus.exposition import Dialect
from stationd.sinks.prometheus.landing import landing_page
from stationd.sinks.prometheus.metric_families import Snapshot
from stationd.sinks.prometheus.rendering import Form, Renderer
from stationd.sinks.prometheus.settings import Patience
from stationd.supervise import UnavailableError

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4"


@pytest.fixture
async def dial():
    """Open a connection that is closed after the test."""
    writers = []

    async def connect(port: int):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writers.append(writer)
        return reader, writer

    yield connect
    for writer in writers:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def values(text: str, name: str) -> dict[str, float]:
    return {
        sample.labels.get("station", ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_a_page_holds_what_was_published_last():
    async with serving(monotonic=lambda: 1.0, daemon_facts=lambda: DaemonFacts(0.25)) as sink:
        sink.publish(facts("A", 0.0, measurements={"latency_s": {(): 9.0}}))
        sink.publish(facts("A", 1.0, measurements={"latency_s": {(): 0.5}}))
        sink.publish(facts("B", 1.0, measurements={"latency_s": {(): 0.7}}))
        answer = await ask(sink)
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "date" in answer.headers
        text = answer.body.decode()
        assert values(text, "stationd_latency_seconds") == {"A": 0.5, "B": 0.7}
        assert values(text, "stationd_event_loop_lag_seconds") == {"": 0.25}
        assert 'version="1.2.3"' in text
        assert sink.counters().delivered == 1


async def test_a_series_disappears_when_its_evidence_is_stale_or_its_station_is_forgotten():
    clock = [100.0]
    async with serving({"stale_after_s": 10.0}, monotonic=lambda: clock[0]) as sink:
        sink.publish(full_facts(1, 100.0))
        sink.publish(full_facts(2, 100.0))
        assert b"stationd_connected" in (await ask(sink)).body
        clock[0] = 110.5
        sink.forget("ST0002")
        text = (await ask(sink)).body.decode()
        ours = [line for line in text.splitlines() if "ST000" in line]
        assert len(ours) == len(Health)
        assert 'stationd_station_health{health="unknown",station="ST0001"} 1.0' in ours


async def test_head_answers_without_a_body_and_other_methods_are_refused():
    async with serving() as sink:
        answer = await ask(sink, method="HEAD")
        assert answer.status == 200
        assert int(answer.headers["content-length"]) > 100
        assert (await ask(sink, method="POST")).status == 405
        assert (await ask(sink, "/metric")).status == 404


async def test_gzip_and_openmetrics_are_given_to_who_asks_for_them():
    async with serving(monotonic=lambda: 0.0) as sink:
        sink.publish(full_facts(1, 0.0))
        answer = await ask(sink, headers={"Accept": OPENMETRICS, "Accept-Encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["content-type"].startswith("application/openmetrics-text")
        text = gzip.decompress(answer.body).decode()
        families = list(openmetrics_parser.text_string_to_metric_families(text))
        assert text.endswith("# EOF\n")
        assert any(family.name == "stationd_frames" for family in families)
        plain = await ask(sink, headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert "content-encoding" not in plain.headers
        assert b"stationd_frames_total" in plain.body


async def test_ready_is_503_with_a_sentence_until_nothing_is_missing():
    missing: list[str | None] = ["2 of 3 stations have no facts yet"]
    async with serving(ready=lambda: missing[0]) as sink:
        answer = await ask(sink, "/-/ready")
        assert answer.status == 503
        assert answer.body == b"not ready: 2 of 3 stations have no facts yet\n"
        assert (await ask(sink, "/-/healthy")).status == 200
        missing[0] = None
        assert (await ask(sink, "/-/ready")).status == 200


async def test_the_landing_page_escapes_what_stations_say_and_puts_the_gravest_first():
    async with serving(monotonic=lambda: 0.0, ready=lambda: "<b>no") as sink:
        sink.publish(facts("AAAA", labels={"name": "<script>alert(1)</script>"}))
        sink.publish(facts("ZZZZ", health=Health.CRITICAL))
        answer = await ask(sink, "/")
        page = answer.body.decode()
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script" not in page
        assert "<b>" not in page
        assert page.index("ZZZZ") < page.index("AAAA")
        assert "silence: made" in page
        for link in ("/metrics", "/-/healthy", "/-/ready"):
            assert f'href="{link}"' in page


def test_the_landing_page_gives_the_reason_of_a_check_that_weighs():
    results = (
        CheckResult("latency", Health.UNKNOWN, "no clock", {}, {}, withdrawn=True),
        CheckResult("cn0", Health.UNKNOWN, "no signals yet", {}, {}),
    )
    made = StationFacts("A", instant(0.0), Health.UNKNOWN, results, {})
    page = landing_page(Snapshot({"A": made}, (), DaemonFacts(), "1"), None)
    assert "cn0: no signals yet" in page
    assert "no clock" not in page


async def test_a_page_is_read_only_with_the_right_name_and_password():
    users = {"basic_auth_users": {"prom": "se:cret", "other": "x"}}
    async with serving(users) as sink:

        def login(text: str) -> dict[str, str]:
            return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

        for path in ("/", "/metrics", "/nothing"):
            answer = await ask(sink, path)
            assert answer.status == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
        assert sink.counters().failures == {}
        wrong = [login("prom:no"), login("prom:x"), login("nobody:se:cret"), login("prom"),
                 {"Authorization": "Basic !!"}, {"Authorization": "Bearer x"}]  # fmt: skip
        for headers in wrong:
            assert (await ask(sink, headers=headers)).status == 401
        assert sink.counters().failures == {"login": len(wrong)}
        assert (await ask(sink, headers=login("prom:se:cret"))).status == 200
        assert (await ask(sink, "/-/healthy")).status == 200
        assert (await ask(sink, "/-/ready")).status == 200


def test_passwords_are_not_in_the_settings_text():
    assert "hunter2" not in repr(Settings(basic_auth_users={"prom": "hunter2"}))


async def test_two_scrapers_at_once_share_one_page_and_the_next_second_has_a_new_one():
    clock, taken = [0.0], []

    def daemon_facts() -> DaemonFacts:
        taken.append(clock[0])
        return DaemonFacts()

    async with serving(monotonic=lambda: clock[0], daemon_facts=daemon_facts) as sink:
        for number in range(200):
            sink.publish(full_facts(number, 0.0))
        both = await asyncio.gather(ask(sink), ask(sink), ask(sink))
        assert len({answer.body for answer in both}) == 1
        assert taken == [0.0]
        clock[0] = 1.5
        await ask(sink)
        assert taken == [0.0, 1.5]


@pytest.mark.parametrize("squeezed", [True, False])
async def test_the_loop_runs_on_while_a_page_is_made(squeezed):
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    fresh = {made.station: made for made in (full_facts(number, 0.0) for number in range(200))}
    renderer = Renderer(lambda: Snapshot(fresh, (), DaemonFacts(), "1"), lambda: 0.0)
    beside = asyncio.create_task(others())
    pieces = await renderer.page(Form(Dialect.TEXT, squeezed))
    beside.cancel()
    await asyncio.wait({beside})
    assert sum(map(len, pieces)) > 10_000
    assert turns > 100  # some 26 families, in steps of 50 stations


async def test_a_port_in_use_is_unavailable_with_a_sentence_that_says_what_to_do():
    async with serving() as first:
        with pytest.raises(UnavailableError, match=r"port \d+ of 127.0.0.1 is in use: stop"):
            async with serving({"port": first.port}):
                pass


async def test_an_address_of_another_machine_is_unavailable():
    with pytest.raises(UnavailableError, match="not an address of this machine"):
        async with serving({"address": "192.0.2.1"}):
            pass


async def test_the_port_is_free_again_at_once_after_the_sink_ends(dial):
    async with serving() as sink:
        port = sink.port
        reader, _ = await dial(port)
    assert await reader.read() == b""
    async with serving({"port": port}) as sink:
        assert (await ask(sink, "/-/healthy")).status == 200


@pytest.mark.parametrize(
    "start", [b"", b"GET /metrics HTTP/1.1\r\nHost:", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r"]
)
async def test_a_client_that_never_finishes_its_request_is_cut_off(start, dial):
    async with serving(patience=Patience(request_s=0.05)) as sink:
        reader, writer = await dial(sink.port)
        writer.write(start)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert sink.counters().failures == {"slow_client": 1}


async def test_a_client_that_does_not_read_its_page_is_cut_off_while_others_are_served():
    async with serving(patience=Patience(request_s=0.3), monotonic=lambda: 0.0) as sink:
        for number in range(1000):
            sink.publish(full_facts(number, 0.0))
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", sink.port))
        lazy.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        while not sink.counters().failures:
            assert (await ask(sink, "/-/healthy")).status == 200
        assert sink.counters().failures == {"slow_client": 1}
        lazy.close()


async def test_garbage_is_answered_with_400_and_leaves_no_line_of_log(caplog, dial):
    caplog.set_level(logging.INFO)
    async with serving() as sink:
        for garbage in (b"\xd3\x00\x13>\xd0\x00\x03\r\n\r\n", b"A" * 70_000, b"GET  HTTP\r\n\r\n"):
            reader, writer = await dial(sink.port)
            writer.write(garbage)
            assert (await read_answer(reader)).status in {400, 431}
        assert (await ask(sink)).status == 200
    assert caplog.records == []


async def test_connections_are_bounded_and_those_that_are_served_stay(dial):
    async with serving(patience=Patience(connections=2)) as sink:
        kept = [await dial(sink.port) for _ in range(2)]
        for _, writer in kept:
            writer.write(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
        for reader, _ in kept:
            assert (await read_answer(reader)).status == 200
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await ask(sink)
        assert sink.counters().failures == {"too_many_connections": 1}
        kept[0][1].write(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await read_answer(kept[0][0])).status == 200
        kept[0][1].close()
        await kept[0][0].read()


def make_certificate(openssl: str, files: tuple[Path, Path]) -> None:
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip


@pytest.fixture
def certificate(tmp_path, peer):
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_certificate(peer("openssl"), files)
    return files


async def test_pages_are_served_over_tls(certificate, dial):
    files = {"tls_certificate": certificate[0], "tls_key": certificate[1]}
    async with serving(files) as sink:
        trusting = ssl.create_default_context(cafile=certificate[0])
        assert (await ask(sink, tls=trusting)).status == 200
        reader, writer = await dial(sink.port)
        writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert not (await reader.read()).startswith(b"HTTP")


async def test_a_renewed_certificate_is_taken_up_and_half_a_renewal_is_not(
    certificate, tmp_path, peer
):
    new = tmp_path / "new.pem", tmp_path / "new.key"
    make_certificate(peer("openssl"), new)
    trusting_old = ssl.create_default_context(cafile=certificate[0])
    trusting_new = ssl.create_default_context(cafile=new[0])
    async with serving({"tls_certificate": certificate[0], "tls_key": certificate[1]}) as sink:
        new[0].replace(certificate[0])
        assert (await ask(sink, tls=trusting_old)).status == 200
        assert sink.counters().failures == {"tls_renewal": 1}
        new[1].replace(certificate[1])
        assert (await ask(sink, tls=trusting_new)).status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            await ask(sink, tls=trusting_old)


async def test_tls_files_that_are_missing_or_do_not_fit_are_unavailable(certificate, tmp_path):
    missing = {"tls_certificate": tmp_path / "none.pem", "tls_key": certificate[1]}
    with pytest.raises(UnavailableError, match=r"none.pem .* cannot be read: No such file"):
        async with serving(missing):
            pass
    twice = {"tls_certificate": certificate[0], "tls_key": certificate[0]}
    with pytest.raises(UnavailableError, match="do not fit together"):
        async with serving(twice):
            pass


async def test_promtool_finds_nothing_wrong_with_the_live_page(peer):
    promtool = peer("promtool")
    async with serving(monotonic=lambda: 0.0, daemon_facts=lambda: DaemonFacts(0.1)) as sink:
        sink.publish(full_facts(1, 0.0))
        sink.publish(facts("odd", labels={"antenna": 'a"\\\n\x00\udcff'}))
        page = (await ask(sink)).body
    process = await asyncio.create_subprocess_exec(
        promtool, "check", "metrics", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await process.communicate(page)
    assert (process.returncode, out, err) == (0, b"", b"")
