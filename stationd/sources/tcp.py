"""TCP client: a receiver that serves its stream on a port."""

import asyncio

from pydantic import Field

from stationd.inputs import Chunk, LinkChange, LinkState
from stationd.sources.connecting import connected_socket, place
from stationd.sources.source import Destination, LiveSettings, Surroundings
from stationd.sources.stream import Stream


class Settings(LiveSettings):
    """Where the receiver listens."""

    host: str = Field(min_length=1, description="The receiver's name or address")
    port: int = Field(ge=1, le=65_535, description="The receiver's port")
    connect_within_s: float = Field(
        10.0, gt=0, description="A connection takes so long at most, all addresses together"
    )

    @property
    def peer(self) -> str:
        return f"tcp://{place(self.host, self.port)}"


class TcpSource:
    """Connects and reads."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Connect, and deliver until the connection ends."""
        settings, around = self._settings, self._around
        connection, address = await connected_socket(
            settings.host, settings.port, settings.connect_within_s
        )

        def take(data: bytes) -> None:
            destination.receive(Chunk(data, around.now()))

        _, stream = await asyncio.get_running_loop().create_connection(
            lambda: Stream(take, settings.silent_after_s, around.buffer), sock=connection
        )
        destination.link(LinkChange(LinkState.CONNECTED, f"connected to {address}", around.now()))
        raise await stream.over()
