"""TCP client: a receiver that serves its stream on a port."""

from pydantic import Field

from stationd.sources.source import Destination, LiveSettings, Surroundings


class Settings(LiveSettings):
    """Where the receiver listens."""

    host: str = Field(min_length=1, description="The receiver's name or address")
    port: int = Field(ge=1, le=65_535, description="The receiver's port")
    connect_within_s: float = Field(10.0, gt=0, description="A connection takes so long at most")

    @property
    def peer(self) -> str:
        return f"tcp://{self.host}:{self.port}"


class TcpSource:
    """Connects and reads."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Connect, and deliver until the connection ends."""
        raise NotImplementedError
