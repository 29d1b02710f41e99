"""Serial port: a receiver on a cable, unplugged and plugged back under the same name."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from stationd.sources.source import Destination, LiveSettings, Surroundings


class Settings(LiveSettings):
    """A port and its line settings."""

    device: Path = Field(description="Prefer /dev/serial/by-id/…: it survives re-plugging")
    baud: int = Field(115_200, ge=50, le=12_000_000, description="Bits a second")
    data_bits: Literal[5, 6, 7, 8] = Field(8, description="Data bits of a byte")
    parity: Literal["none", "even", "odd", "mark", "space"] = Field("none", description="Parity")
    stop_bits: float = Field(1, description="Stop bits")
    flow: Literal["none", "rtscts", "xonxoff"] = Field("none", description="Flow control")

    @property
    def peer(self) -> str:
        return f"serial:{self.device}"


class SerialSource:
    """Opens the port for itself alone and reads."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._around = surroundings

    async def run(self, destination: Destination) -> None:
        """Open, and deliver until the device goes away."""
        raise NotImplementedError
