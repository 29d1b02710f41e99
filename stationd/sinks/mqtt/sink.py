"""MQTT: a node's status, each station's retained state, and its events by way of the outbox.

    {prefix}/v1/{node}/status                 retained, QoS 1; "offline" is also the Last Will
    {prefix}/v1/{node}/station/{id}/state     retained, QoS 1; on change and once an interval
    {prefix}/v1/{node}/station/{id}/event     QoS 1, from the outbox
    {prefix}/v1/{node}/station/{id}/metrics   QoS 0, only when asked for

Events are on disk before they are sent and until the broker has them. States are not queued: the
newest is kept, and after a reconnect all are sent again.
"""

import asyncio
import logging
from typing import Final

from stationd.facts import StationFacts
from stationd.sinks.daemon_facts import SinkCounters
from stationd.sinks.mqtt.connection import Link, connected, place
from stationd.sinks.mqtt.events import EventMail
from stationd.sinks.mqtt.log import note
from stationd.sinks.mqtt.payloads import Document, Topics, status_document
from stationd.sinks.mqtt.retained import RetainedStates
from stationd.sinks.mqtt.sending import together
from stationd.sinks.mqtt.settings import Settings
from stationd.sinks.mqtt.states import StationStates
from stationd.sinks.sink import Surroundings
from stationd.store.database import Database
from stationd.store.outbox import Limits, Outbox
from stationd.store.retained import RetainedTopics
from stationd.supervise import UnavailableError

_GOODBYE_S: Final = 2.0  # a broker that does not listen must not hold up the end


class MqttSink:
    """One connection to one broker, with everything that must outlive it."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings
        self._topics = Topics(settings.prefix, surroundings.node)
        self._database = Database(
            surroundings.state_folder / f"{surroundings.name}.outbox.sqlite",
            "outbox",
            utc=surroundings.utc,
            tell=self._tell,
        )
        outbox = Outbox(self._database, _limits(settings))
        self._mail = EventMail(surroundings.name, outbox, self._topics, surroundings.utc)
        self._retained = RetainedStates(
            surroundings.name,
            StationStates(settings.state_interval_s, settings.metrics_interval_s),
            self._topics,
            RetainedTopics(self._database),
        )
        self._connected = False
        self._failures = {"connect": 0, "deliver": 0}

    async def run(self) -> None:
        """Deliver until cancelled; `UnavailableError` when the broker is away or says no."""
        self._database.keep_open()
        try:
            await self._connect_and_deliver()
        except UnavailableError:
            self._failures["deliver" if self._connected else "connect"] += 1
            raise
        except asyncio.CancelledError:
            if not await self._mail.outbox.written():
                rows = self._mail.outbox.waiting_rows()
                note(logging.ERROR, sink=self._around.name, lost_events=rows,
                     reason=self._mail.outbox.refusal)  # fmt: skip
            raise
        finally:
            self._connected = False
            await self._database.close()

    def publish(self, facts: StationFacts) -> None:
        """Queue what these facts make."""
        for event in facts.events:
            self._mail.accept(event)
        self._retained.take(facts)
        self._mail.look_after(facts.at.monotonic_s)

    def forget(self, station: str) -> None:
        """Clear the station's retained topic."""
        self._retained.forget(station)

    def counters(self) -> SinkCounters:
        """Return messages waiting, delivered and dropped."""
        outbox = self._mail.outbox
        backlog = outbox.backlog()
        return SinkCounters(
            connected=self._connected,
            queued_rows=backlog.rows,
            queued_bytes=backlog.bytes,
            oldest_utc_s=backlog.oldest_utc_s,
            delivered=self._mail.delivered + self._retained.delivered,
            dropped=dict(outbox.dropped),
            failures={
                **self._failures,
                "store": outbox.write_failures + self._retained.store_failures,
                "damaged": self._database.set_aside,
            },
        )

    async def _connect_and_deliver(self) -> None:
        settings, around = self._settings, self._around
        client_id = settings.client_id or f"stationd-{around.node}-{around.name}"
        await self._retained.note_status()
        # A will is written before it comes true: it knows no time.
        will = self._status("offline", "the connection was lost", None)
        async with connected(settings, client_id, self._topics.status, will) as link:
            try:
                await together(link.watch(), self._deliver(link))
            finally:
                await self._say_goodbye(link)

    async def _deliver(self, link: Link) -> None:
        online = self._status("online", "connected", self._around.utc())
        await link.publish(self._topics.status, online, qos=1, retain=True)
        self._connected = True
        note(logging.INFO, sink=self._around.name, connected=place(self._settings))
        await together(
            self._mail.send(link),
            self._retained.send(link),
            self._retained.send_metrics(link),
            self._retained.clear_leftovers(self._around.sleep),
        )

    async def _say_goodbye(self, link: Link) -> None:
        """Say offline where the broker still listens: who leaves in order has no Last Will."""
        if not link.alive:
            return
        offline = self._status("offline", "stopped", self._around.utc())
        try:
            async with asyncio.timeout(_GOODBYE_S):
                await link.publish(self._topics.status, offline, qos=1, retain=True)
        except (UnavailableError, TimeoutError):
            return

    def _status(self, status: str, reason: str, at_utc_s: float | None) -> Document:
        around = self._around
        return status_document(
            around.node, around.session, around.version, status, reason=reason, at_utc_s=at_utc_s
        )

    def _tell(self, sentence: str) -> None:
        note(logging.ERROR, sink=self._around.name, store=sentence)


def _limits(settings: Settings) -> Limits:
    return Limits(
        settings.outbox_max_rows,
        settings.outbox_max_bytes,
        settings.outbox_max_age_s,
        settings.memory_max_rows,
    )
