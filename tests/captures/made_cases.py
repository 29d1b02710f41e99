"""Makes the inputs of the captures: small streams, each with one fault at a known second."""

from collections.abc import Callable

from rtcm_writer import arp_1006, msm7

TOW_MS = 345_600_000  # a Thursday
ARP = (3_800_000.0, 600_000.0, 5_071_500.0)
SECONDS = 150


def messages(second: int, letters: str, *, beidou_ms: int | None = None) -> list[bytes]:
    """Return a second's MSM7 of three satellites each."""
    tow_ms = (TOW_MS + 1000 * second) % 604_800_000
    beidou_ms = (tow_ms - 14_000) % 604_800_000 if beidou_ms is None else beidou_ms
    kinds = {"G": (1077, tow_ms), "E": (1097, tow_ms), "C": (1127, beidou_ms)}
    return [
        msm7(
            kinds[letter][0], 7, kinds[letter][1], [3, 8, 21], [2], more=letter != letters[-1],
            seed=second,
        )
        for letter in letters
    ]  # fmt: skip


def constellation_lost() -> bytes:
    """Galileo is gone from second 60 on."""
    return b"".join(frame for s in range(SECONDS) for frame in messages(s, "GE" if s < 60 else "G"))


def damaged_link() -> bytes:
    """From second 80 to 99 a byte of every frame is wrong, and noise stands between them."""
    stream = b""
    for second in range(SECONDS):
        for frame in messages(second, "GE"):
            if 80 <= second < 100:
                stream += frame[:30] + bytes([frame[30] ^ 0xFF]) + frame[31:] + b"\xd3\x00\x55$GP*"
            else:
                stream += frame
    return stream


def arp_moved() -> bytes:
    """Move the broadcast ARP by five metres at second 70."""
    stream = b""
    for second in range(SECONDS):
        x_m = ARP[0] + (5.0 if second >= 70 else 0.0)
        stream += b"".join(messages(second, "GE"))
        if second % 10 == 0:
            stream += arp_1006(7, x_m, *ARP[1:])
    return stream


def beidou_below_zero() -> bytes:
    """Begin the week at second 30, with BeiDou's time below zero for fourteen seconds."""
    to_rollover_ms = 604_800_000 - 30_000 - TOW_MS
    stream = b""
    for second in range(90):
        place = second + to_rollover_ms // 1000
        of_week_ms = (TOW_MS + 1000 * place) % 604_800_000
        wrong_ms = 2**30 + of_week_ms - 14_000 if of_week_ms < 14_000 else None
        stream += b"".join(messages(place, "GC", beidou_ms=wrong_ms))
    return stream


CASES: dict[str, Callable[[], bytes]] = {
    "arp_moved": arp_moved,
    "beidou_below_zero": beidou_below_zero,
    "constellation_lost": constellation_lost,
    "damaged_link": damaged_link,
}
