"""A simulated serial port, opened by stationd, pyserial and str2str; pulled out and put back."""

import asyncio

import pytest
import serial

from stationd.sources.serial_port import SerialSource, Settings
from stationd.sources.source import Surroundings
from stationd.supervise import UnavailableError
from stationd_simulators.devices.pacing import Pacer, play
from stationd_simulators.devices.serial_port import SETTING_UP_S, SimulatedSerialPort

BEGIN_GPST_S = 1_400_000_000.0
EVERY_BYTE = bytes(range(256))


@pytest.fixture
def port(tmp_path):
    with SimulatedSerialPort(tmp_path / "usb-receiver") as port:
        yield port


def source(port):
    return SerialSource(Settings(device=port.link), Surroundings("T"))


async def connected(gathered, times=1):
    await gathered.until(lambda: gathered.states.count("connected") == times)


async def test_every_byte_value_arrives_unchanged(port, gathered, begin):
    begin(source(port), gathered)
    await connected(gathered)
    port.deliver(EVERY_BYTE)
    await gathered.until(lambda: gathered.data == EVERY_BYTE)
    assert (port.sent_bytes, port.lost_bytes) == (256, 0)


async def test_it_is_unplugged_and_comes_back_under_its_name(port, gathered, begin):
    task = begin(source(port), gathered)
    await connected(gathered)
    port.unplug()
    assert not port.link.exists()
    with pytest.raises(UnavailableError, match="was unplugged"):
        await task
    with pytest.raises(UnavailableError, match="is not there: plug it in"):
        await source(port).run(gathered)
    port.plug()
    begin(source(port), gathered)
    await connected(gathered, times=2)
    port.deliver(b"back")
    await gathered.until(lambda: gathered.data == b"back")


def test_what_nobody_hears_is_lost_and_counted(port):
    port.deliver(b"nobody has it open")
    with serial.Serial(str(port.link), timeout=5) as reader:
        assert port.is_open
        port.deliver(b"heard")
        assert reader.read(5) == b"heard"
    assert not port.is_open
    port.unplug()
    port.deliver(b"gone")
    assert port.lost_bytes == len(b"nobody has it open") + len(b"gone")


def test_a_reader_that_does_not_read_costs_bounded_memory(tmp_path):
    with (
        SimulatedSerialPort(tmp_path / "port", most_unsent_bytes=1000) as port,
        serial.Serial(str(port.link)),
    ):
        for _ in range(1000):
            port.deliver(bytes(1000))
        assert len(port._unsent) == 1000
        assert port.lost_bytes == 1_000_000 - 1000 - port.sent_bytes


async def test_at_full_speed_a_megabyte_arrives_whole(port, gathered, begin, pieces):
    contents = [bytes([n]) * 5000 for n in range(200)]
    playing = asyncio.create_task(play(pieces(*contents), Pacer(BEGIN_GPST_S, None), port))
    begin(source(port), gathered)
    await gathered.until(lambda: len(gathered.data) == 1_000_000)
    await playing
    assert gathered.data == b"".join(contents)
    assert port.lost_bytes == 0


async def test_in_real_time_a_burst_larger_than_the_kernels_buffer_arrives_whole(
    port, gathered, begin
):
    begin(source(port), gathered)
    await connected(gathered)
    port.deliver(EVERY_BYTE * 200)
    await gathered.until(lambda: gathered.data == EVERY_BYTE * 200)


def test_what_readers_tell_the_receiver_is_taken_within_bounds(port):
    with serial.Serial(str(port.link)) as reader:
        for _ in range(20):
            reader.write(b"unlogall\r\n" * 50)
            port.deliver(b".")
        assert port.said.endswith(b"unlogall\r\n")
        assert len(port.said) == 4096


def test_a_name_that_is_something_elses_is_left_alone(tmp_path):
    path = tmp_path / "precious"
    path.write_text("not ours")
    with (
        pytest.raises(FileExistsError, match="give the port another name"),
        SimulatedSerialPort(path),
    ):
        pass
    assert path.read_text() == "not ours"


def test_a_link_that_was_left_behind_is_replaced(tmp_path):
    link = tmp_path / "port"
    link.symlink_to("/nowhere")
    with SimulatedSerialPort(link) as port:
        assert link.exists()
        port.plug()  # twice is once
    assert not link.is_symlink()


async def test_str2str_reads_the_port(peer, port, tmp_path, holds):
    heard = tmp_path / "heard"
    process = await asyncio.create_subprocess_exec(
        peer("str2str"), "-in", f"serial://../{port.link}:115200", "-out", f"file://{heard}",
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            await port.room()
        port.deliver(EVERY_BYTE * 8)
        await holds(heard, EVERY_BYTE * 8)
    finally:
        process.kill()
        await process.wait()


def test_a_second_simulator_is_refused_the_name_while_the_first_lives(port):
    port.unplug()  # by a fault: it comes back
    with (
        pytest.raises(FileExistsError, match="another simulator, which is running: give this one"),
        SimulatedSerialPort(port.link),
    ):
        pass
    port.plug()
    assert port.link.exists()


def test_a_name_is_free_again_when_its_simulator_is_gone(tmp_path):
    for _ in range(2):
        with SimulatedSerialPort(tmp_path / "port") as port:
            assert port.link.exists()
        assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_real_device_is_left_alone(tmp_path):
    link = tmp_path / "gnss"
    link.symlink_to("/dev/null")
    with (
        pytest.raises(FileExistsError, match="leads to /dev/null, which is no simulated port"),
        SimulatedSerialPort(link),
    ):
        pass
    assert str(link.readlink()) == "/dev/null"


async def test_a_fast_reader_has_the_time_to_set_the_port_up(port):
    with serial.Serial(str(port.link), timeout=5) as reader:
        begun_s = asyncio.get_running_loop().time()
        await port.room()
        assert asyncio.get_running_loop().time() - begun_s >= SETTING_UP_S
        await port.room()  # not again
        port.deliver(b"heard")
        assert await asyncio.to_thread(reader.read, 5) == b"heard"
