"""TCP server: a station that pushes its stream to a port of ours."""

from pydantic import Field

from stationd.sources.source import Destination, LiveSettings, Surroundings


class Settings(LiveSettings):
    """Where we listen for the station."""

    address: str = Field("127.0.0.1", min_length=1, description='Address; "0.0.0.0", "::" for all')
    port: int = Field(ge=1, le=65_535, description="Port to listen on, one for each station")
    allow: tuple[str, ...] = Field(
        (), description='Networks that may connect, such as "192.0.2.0/24"; none given: any'
    )

    @property
    def peer(self) -> str:
        return f"tcp-server://{self.address}:{self.port}"


class TcpServerSource:
    """Listens; the newest connection is the station."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Listen until cancelled."""
        raise NotImplementedError
