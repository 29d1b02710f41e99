"""Events on their way to a broker: to disk first, struck off when the broker has them."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from stationd.facts import Event
from stationd.sinks.mqtt.connection import Link
from stationd.sinks.mqtt.log import note
from stationd.sinks.mqtt.payloads import Document, Topics, event_document, event_topic
from stationd.sinks.mqtt.sending import in_order
from stationd.store.outbox import Message, Outbox

AT_ONCE: Final = 5
_BATCH: Final = 200  # read, and struck off, in one transaction


class EventMail:
    """The outbox, and who empties it."""

    def __init__(self, name: str, outbox: Outbox, topics: Topics, utc: Callable[[], float]) -> None:
        self.outbox = outbox
        self.delivered = 0
        self._name = name
        self._topics = topics
        self._utc = utc
        self._news = asyncio.Event()
        self._told_refusal = False

    def accept(self, event: Event) -> None:
        """Have the event written, and sent."""
        document = event_document(event)
        # Under which node and prefix is decided when it is sent: a broker that refuses the old ones
        # after a change would hold up everything behind.
        topic = event_topic(event.station)
        self.outbox.put(Message(document.id, topic, document.payload, self._utc()))
        self._news.set()

    def look_after(self, monotonic_s: float) -> None:
        """Tell when the disk begins or ceases to refuse, and try it again now and then."""
        refusal = self.outbox.refusal
        if refusal is None and not self._told_refusal:
            return
        if refusal is None:
            note(logging.INFO, sink=self._name, outbox="writable")
        elif not self._told_refusal:
            note(logging.ERROR, sink=self._name, outbox="events wait in memory", reason=refusal)
        self._told_refusal = refusal is not None
        if self.outbox.nudge(monotonic_s):
            self._news.set()

    async def send(self, link: Link) -> None:
        """Empty the outbox through `link`, for ever."""
        while True:
            self._news.clear()
            batch = await self.outbox.oldest(_BATCH)
            if batch:
                await self._send_batch(link, batch)
            else:
                await self._news.wait()

    async def _send_batch(self, link: Link, batch: list[Message]) -> None:
        sent: list[str] = []

        async def send(message: Message) -> None:
            document = Document(message.id, message.payload)
            topic = self._topics.below_node(message.topic)
            await link.publish(topic, document, qos=1, retain=False)
            sent.append(message.id)

        try:
            await in_order(batch, send, AT_ONCE)
        finally:
            # Also when the connection broke half way: what is struck off is not sent twice.
            self.delivered += len(sent)
            await self.outbox.delivered(sent)
