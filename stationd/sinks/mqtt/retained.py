"""Retained states at a broker: sent when due, cleared when their station is gone for good."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from stationd.facts import StationFacts
from stationd.sinks.mqtt.connection import Link
from stationd.sinks.mqtt.log import note
from stationd.sinks.mqtt.payloads import Topics, metrics_document, state_document
from stationd.sinks.mqtt.sending import in_order
from stationd.sinks.mqtt.states import StationStates
from stationd.store.errors import StoreError
from stationd.store.retained import RetainedTopics

STATES_AT_ONCE: Final = 4
METRICS_AT_ONCE: Final = 1
# Every configured station has facts seconds after the start; who has none by then was removed.
LEFTOVER_GRACE_S: Final = 30.0


class RetainedStates:
    """Who sends states and measurements, and clears what must not stay."""

    def __init__(
        self, name: str, states: StationStates, topics: Topics, retained: RetainedTopics
    ) -> None:
        self.delivered = 0
        self.store_failures = 0
        self._name = name
        self._states = states
        self._topics = topics
        self._retained = retained
        self._noted: set[str] = set()  # topics that the store knows the broker may hold
        self._to_clear: dict[str, None] = {}
        self._due = asyncio.Event()  # a state is due, or a topic is to be cleared
        self._metrics_due = asyncio.Event()
        self._met = asyncio.Event()  # the first facts came

    def take(self, facts: StationFacts) -> None:
        """Keep the newest facts, and have them sent if that is due."""
        if self._states.take(facts):
            self._to_clear.pop(self._topics.state(facts.station), None)
            self._due.set()
            self._metrics_due.set()
            self._met.set()

    def forget(self, station: str) -> None:
        """Have the station's topic cleared."""
        self._states.forget(station)
        self._to_clear[self._topics.state(station)] = None
        self._due.set()

    async def send(self, link: Link) -> None:
        """Send all states to a broker that we met anew, then what becomes due, for ever."""
        self._states.all_due()
        while True:
            self._due.clear()
            await self._clear(link)
            stations = self._states.take_due()
            await self._note([self._topics.state(station) for station in stations])
            await in_order(
                stations, lambda station: self._send_state(link, station), STATES_AT_ONCE
            )
            await self._due.wait()

    async def send_metrics(self, link: Link) -> None:
        """Send measurements as they become due, for ever; nobody waits for their arrival."""
        while True:
            self._metrics_due.clear()
            for station in self._states.take_metrics_due():
                facts = self._states.facts(station)
                if facts is not None:
                    topic = self._topics.metrics(station)
                    await link.publish(topic, metrics_document(facts), qos=0, retain=False)
                    self.delivered += 1
            await self._metrics_due.wait()

    async def clear_leftovers(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Have topics of an earlier run cleared whose station nobody watches any more."""
        await self._met.wait()
        await sleep(LEFTOVER_GRACE_S)
        try:
            held = await self._retained.load()
        except StoreError as error:
            self._refused(error)
            return
        ours = {self._topics.state(station) for station in self._states.names()}
        leftovers = held - ours - {self._topics.status}
        if leftovers:
            note(logging.INFO, sink=self._name, removed_stations=len(leftovers), topics="cleared")
            self._to_clear.update(dict.fromkeys(leftovers))
            self._due.set()

    async def note_status(self) -> None:
        """Remember the status topic too: another node name or prefix makes it a leftover."""
        await self._note([self._topics.status])

    async def _send_state(self, link: Link, station: str) -> None:
        facts = self._states.facts(station)
        if facts is None:
            return  # forgotten meanwhile
        await link.publish(self._topics.state(station), state_document(facts), qos=1, retain=True)
        self.delivered += 1

    async def _clear(self, link: Link) -> None:
        topics = list(self._to_clear)
        if not topics:
            return
        await in_order(topics, link.clear, STATES_AT_ONCE)
        for topic in topics:
            self._to_clear.pop(topic, None)
        self._noted.difference_update(topics)
        try:
            await self._retained.strike(topics)
        except StoreError as error:
            self._refused(error)  # cleared again after the next start: harmless

    async def _note(self, topics: list[str]) -> None:
        """Remember topics before they are published; a disk that refuses delays no state."""
        new = [topic for topic in topics if topic not in self._noted]
        if not new:
            return
        try:
            await self._retained.note(new)
        except StoreError as error:
            self._refused(error)
        else:
            self._noted.update(new)

    def _refused(self, error: StoreError) -> None:
        self.store_failures += 1
        note(logging.WARNING, sink=self._name, topics="not remembered", reason=error)
