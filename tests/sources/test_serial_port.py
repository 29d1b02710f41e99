"""Serial ports over a pty: opened, locked, unplugged, back under the same name, hung, missing."""

import asyncio
import errno
import os
import subprocess
import termios
from pathlib import Path

import pytest
import serial
from pydantic import ValidationError

from stationd.sources.serial_port import SerialSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import SilentError, UnavailableError, keep_running


class Cable:
    """A receiver's cable: a pty whose name is a link, as udev makes one for each adapter."""

    def __init__(self, folder):
        self.device = folder / "usb-receiver"
        self._master = None

    def plug(self):
        self._master, slave = os.openpty()
        self.device.unlink(missing_ok=True)
        self.device.symlink_to(os.ttyname(slave))
        os.close(slave)

    def send(self, data):
        os.write(self._master, data)

    def unplug(self):
        if self._master is not None:
            self.device.unlink()
            os.close(self._master)
            self._master = None


@pytest.fixture
def cable(tmp_path):
    cable = Cable(tmp_path)
    cable.plug()
    yield cable
    cable.unplug()


def source(device, **settings):
    return SerialSource(Settings(device=device, **settings), Surroundings("T"))


async def opened(gathered):
    await gathered.until(lambda: "connected" in gathered.states)


async def test_every_byte_value_arrives_unchanged(cable, gathered, begin):
    begin(source(cable.device, baud=230_400), gathered)
    await opened(gathered)
    cable.send(bytes(range(256)))
    await gathered.until(lambda: gathered.data == bytes(range(256)))
    assert gathered.links[0].reason == f"{cable.device} open at 230400 baud"
    assert gathered.chunks[0].at.utc_s > 1.7e9


async def test_an_unplugged_device_is_unavailable(cable, gathered, begin):
    task = begin(source(cable.device), gathered)
    await opened(gathered)
    cable.send(b"x")
    await gathered.until(lambda: gathered.data == b"x")
    cable.unplug()
    with pytest.raises(UnavailableError, match="was unplugged, or its adapter was reset"):
        await task


async def test_a_device_comes_back_under_the_same_name(cable, gathered):
    waits = asyncio.Queue()
    plugged = asyncio.Event()

    class Witness:
        def unavailable(self, error, wait_s):
            waits.put_nowait(str(error))

        def bug(self, error, wait_s):
            raise error

    async def sleep(_wait_s):
        await plugged.wait()

    serial_source = source(cable.device)
    keeping = asyncio.create_task(
        keep_running(
            lambda: serial_source.run(gathered), Witness(),
            monotonic=asyncio.get_running_loop().time, jitter=lambda: 0.5, sleep=sleep,
        )
    )  # fmt: skip
    await opened(gathered)
    cable.send(b"before")
    await gathered.until(lambda: gathered.data == b"before")
    cable.unplug()
    assert "unplugged" in await waits.get()
    cable.plug()
    plugged.set()
    await gathered.until(lambda: gathered.states == ["connected", "connected"])
    cable.send(b" after")
    await gathered.until(lambda: gathered.data == b"before after")
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping


async def test_a_hung_adapter_is_seen_by_its_silence(cable, gathered):
    with pytest.raises(SilentError, match=r"is open, and silent for 0\.05 s: is the receiver on"):
        await source(cable.device, silent_after_s=0.05).run(gathered)


async def test_a_missing_device_names_what_is_plugged_in(tmp_path, gathered):
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-Septentrio_123-if00").touch()
    (by_id / "usb-u-blox_9-if00").touch()
    missing = SerialSource(Settings(device=tmp_path / "gone"), Surroundings("T"), by_id=by_id)
    with pytest.raises(UnavailableError) as caught:
        await missing.run(gathered)
    assert str(caught.value) == (
        f"{tmp_path}/gone is not there: plug it in, or choose what is there: "
        f"{by_id}/usb-Septentrio_123-if00, {by_id}/usb-u-blox_9-if00"
    )
    assert gathered.links == []


async def test_a_missing_device_says_where_none_is_plugged_in(tmp_path, gathered):
    nothing = SerialSource(Settings(device=tmp_path / "gone"), Surroundings("T"), by_id=tmp_path)
    with pytest.raises(UnavailableError, match="or choose another device"):
        await nothing.run(gathered)


async def test_a_port_in_use_says_so(cable, gathered):
    with (
        serial.Serial(str(cable.device), exclusive=True),
        pytest.raises(UnavailableError, match="is in use by another program"),
    ):
        await source(cable.device).run(gathered)


async def test_an_open_port_is_ours_alone(cable, gathered, begin):
    begin(source(cable.device), gathered)
    await opened(gathered)
    with pytest.raises(serial.SerialException, match="exclusively lock"):
        serial.Serial(str(cable.device), exclusive=True)


async def test_a_cancelled_source_lets_go_of_its_port(cable, gathered, begin):
    task = begin(source(cable.device), gathered)
    await opened(gathered)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    serial.Serial(str(cable.device), exclusive=True).close()


async def test_a_source_cancelled_while_it_opens_lets_go_of_its_port(cable, gathered, begin):
    task = begin(source(cable.device), gathered)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    loop = asyncio.get_running_loop()
    await loop.shutdown_default_executor()
    await asyncio.sleep(0)  # the late port is closed by a callback
    await asyncio.sleep(0)
    serial.Serial(str(cable.device), exclusive=True).close()


async def test_a_file_is_no_serial_port(tmp_path, gathered):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(UnavailableError, match="is no serial port"):
        await source(path).run(gathered)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EACCES, "may not open /dev/null: add stationd's user to the group root"),
        (errno.EBUSY, "in use by another program"),
        (errno.EIO, "does not answer"),
        (errno.ENXIO, "is not there"),
        (errno.EMFILE, "cannot be opened: [Errno 24] Too many open files"),
    ],
)
def test_each_failure_has_its_sentence(number, said):
    error = OSError(number, os.strerror(number))
    assert said in source(Path("/dev/null"))._why_not(error)


@pytest.mark.parametrize("bits", [1, 1.5, 2])
def test_the_usual_numbers_of_stop_bits_are_taken(bits):
    assert Settings(device=Path("/dev/x"), stop_bits=bits).stop_bits == bits


def test_an_odd_number_of_stop_bits_is_refused():
    with pytest.raises(ValidationError, match=r"write 1, 1\.5 or 2"):
        Settings(device=Path("/dev/x"), stop_bits=3)


async def test_the_line_is_set_as_configured(cable, gathered, begin):
    begin(
        source(cable.device, baud=38_400, data_bits=7, parity="even", stop_bits=2, flow="xonxoff"),
        gathered,
    )
    await opened(gathered)
    descriptor = os.open(cable.device, os.O_RDWR | os.O_NOCTTY)
    iflag, _, cflag, lflag, ispeed, *_ = termios.tcgetattr(descriptor)
    os.close(descriptor)
    assert ispeed == termios.B38400
    assert cflag & termios.CSTOPB
    assert iflag & termios.IXON
    assert not lflag & (termios.ICANON | termios.ECHO)


async def test_a_recording_through_socat_arrives_whole(
    peer, real_data, gathered, begin, tmp_path, appears
):
    recording = (real_data / "rtcm" / "testglo.rtcm3").read_bytes()
    device = tmp_path / "port"
    socat = await asyncio.create_subprocess_exec(
        peer("socat"), "-", f"pty,raw,echo=0,link={device},wait-slave", stdin=subprocess.PIPE
    )
    try:
        await appears(device)
        begin(source(device), gathered)
        await opened(gathered)
        socat.stdin.write(recording)
        await gathered.until(lambda: gathered.data == recording)
    finally:
        socat.terminate()
        await socat.wait()
