"""Standard input: whatever another program pipes in."""

from stationd.sources.source import Destination, SourceSettings, Surroundings


class Settings(SourceSettings):
    """Nothing to set."""

    @property
    def peer(self) -> str:
        return "stdin"


class StandardInputSource:
    """Reads standard input to its end."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Deliver until end of file."""
        raise NotImplementedError
