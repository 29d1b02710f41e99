"""Serial port: a receiver on a cable, unplugged and plugged back under the same name.

pyserial opens, configures and locks the port; its descriptor is read by the event loop. A USB
adapter that hangs gives no error at all: only the silence limit sees it.
"""

import asyncio
import errno
import grp
import termios
from pathlib import Path
from typing import Final, Literal

import serial
from pydantic import Field, field_validator

from stationd.inputs import Chunk, LinkChange, LinkState
from stationd.sources.descriptor import read_some
from stationd.sources.source import Destination, LiveSettings, Surroundings
from stationd.supervise import SilentError, UnavailableError

BY_ID: Final = Path("/dev/serial/by-id")  # made by udev: a name for each adapter, not each socket
STOP_BITS: Final = (1.0, 1.5, 2.0)
MOST_LISTED: Final = 16

_PARITY: Final = {
    "none": serial.PARITY_NONE,
    "even": serial.PARITY_EVEN,
    "odd": serial.PARITY_ODD,
    "mark": serial.PARITY_MARK,
    "space": serial.PARITY_SPACE,
}


class Settings(LiveSettings):
    """A port and its line settings."""

    device: Path = Field(description="Prefer /dev/serial/by-id/…: it survives re-plugging")
    baud: int = Field(115_200, ge=50, le=12_000_000, description="Bits a second")
    data_bits: Literal[5, 6, 7, 8] = Field(8, description="Data bits of a byte")
    parity: Literal["none", "even", "odd", "mark", "space"] = Field("none", description="Parity")
    stop_bits: float = Field(1.0, description="Stop bits: 1, 1.5 or 2")
    flow: Literal["none", "rtscts", "xonxoff"] = Field("none", description="Flow control")

    @field_validator("stop_bits")
    @classmethod
    def _is_a_number_of_stop_bits(cls, value: float) -> float:
        if value not in STOP_BITS:
            raise ValueError("write 1, 1.5 or 2")
        return value

    @property
    def peer(self) -> str:
        return f"serial:{self.device}"


class SerialSource:
    """Opens the port for itself alone and reads."""

    def __init__(
        self, settings: Settings, surroundings: Surroundings, *, by_id: Path = BY_ID
    ) -> None:
        """`by_id`: the folder whose names are told when the device is missing."""
        self._settings = settings
        self._around = surroundings
        self._by_id = by_id

    async def run(self, destination: Destination) -> None:
        """Open, and deliver until the device goes away."""
        device = self._settings.device
        port = await self._opened()
        try:
            reason = f"{device} open at {self._settings.baud} baud"
            destination.link(LinkChange(LinkState.CONNECTED, reason, self._around.now()))
            while data := await self._read(port.fileno()):
                destination.receive(Chunk(data, self._around.now()))
        finally:
            port.close()
        raise UnavailableError(f"{device} was unplugged, or its adapter was reset")

    async def _read(self, descriptor: int) -> bytes:
        """Return bytes; nothing once the device is gone."""
        silent_after_s = self._settings.silent_after_s
        try:
            async with asyncio.timeout(silent_after_s):
                return await read_some(descriptor)
        except TimeoutError:
            raise SilentError(
                f"{self._settings.device} is open, and silent for {silent_after_s:g} s: is the "
                "receiver on, the cable in, and this port of it set to send?"
            ) from None
        except OSError:
            return b""  # EIO and its like: what a device that went away gives

    async def _opened(self) -> serial.Serial:
        # An adapter in trouble can take seconds to open; the other stations do not wait for it.
        opening = asyncio.get_running_loop().run_in_executor(None, self._open)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unwanted)
            raise

    def _open(self) -> serial.Serial:
        settings = self._settings
        try:
            return serial.Serial(
                port=str(settings.device),
                baudrate=settings.baud,
                bytesize=settings.data_bits,
                parity=_PARITY[settings.parity],
                stopbits=settings.stop_bits,
                rtscts=settings.flow == "rtscts",
                xonxoff=settings.flow == "xonxoff",
                timeout=0,
                inter_byte_timeout=0,  # sets VMIN to 1: a read of nothing then means "gone"
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:
            raise UnavailableError(self._why_not(error)) from error

    def _why_not(self, error: Exception) -> str:
        device = self._settings.device
        match _number_of(error):
            case errno.ENOENT | errno.ENODEV | errno.ENXIO:
                return f"{device} is not there: plug it in, or choose {_plugged_in(self._by_id)}"
            case errno.EACCES | errno.EPERM:
                return f"may not open {device}: add stationd's user to the group {_group(device)}"
            case errno.EAGAIN | errno.EBUSY:
                return f"{device} is in use by another program: end it, or use its output instead"
            case errno.EIO:
                return f"{device} does not answer: no port is behind that name, or it has hung"
            case errno.EISDIR | errno.ENOTTY:
                return f"{device} is no serial port"
            case _:
                return f"{device} cannot be opened: {error}"


def _close_unwanted(opening: asyncio.Future[serial.Serial]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _number_of(error: Exception) -> int | None:
    """Return the error number; pyserial hides that of a configuration in the error's context."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    cause = error if isinstance(error, termios.error) else error.__context__
    return int(cause.args[0]) if isinstance(cause, termios.error) else None


def _plugged_in(by_id: Path) -> str:
    """Return the names of the adapters that are there, for a sentence."""
    try:
        names = sorted(path.name for path in by_id.iterdir())
    except OSError:
        names = []
    if not names:
        return f"another device (there is none in {by_id})"
    listed = ", ".join(str(by_id / name) for name in names[:MOST_LISTED])
    return f"what is there: {listed}" + (", …" if len(names) > MOST_LISTED else "")


def _group(device: Path) -> str:
    """Return the name of the group that may use a device."""
    try:
        return grp.getgrgid(device.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"
