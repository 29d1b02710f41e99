"""An inspection's report as text for people."""

from collections.abc import Iterator
from typing import Any

from stationd.wire.rtcm3.decoders import MESSAGE_NAMES


def text(name: str, report: dict[str, Any]) -> str:
    """Return the report as lines of a terminal's width."""
    return "\n".join(
        [*_head(name, report), *_messages(report), *_epochs(report), *_signals(report)]
    )


def _head(name: str, report: dict[str, Any]) -> Iterator[str]:
    yield f"{name}: {report['bytes']} bytes"
    yield f"  from      {report['first_epoch'] or 'unknown date (say --around DATE)'}"
    yield f"  to        {report['last_epoch'] or 'unknown date'}  ({report['duration_s']:.0f} s)"
    yield (
        f"  frames    {report['frames']}, {report['crc_failures']} CRC failures, "
        f"{report['decode_errors']} unsound"
    )
    yield (
        f"  skipped   {report['skipped_bytes']} bytes, of them {report['foreign_bytes']} in "
        f"{report['foreign_messages']} UBX or SBF messages"
    )
    if report["impossible_epochs"]:
        yield f"  times     {report['impossible_epochs']} messages with an impossible epoch"
    if report["beidou_ahead_s"]:
        yield "  BeiDou    is sent in GPS time, 14 s ahead of what RTCM 10403.3 asks for"
    arp = report["arp"]
    if arp:
        yield f"  ARP       X {arp['x_m']:.4f}  Y {arp['y_m']:.4f}  Z {arp['z_m']:.4f} m"
    for key, value in report["descriptors"].items():
        yield f"  {key.replace('_', ' '):<20} {value}"


def _messages(report: dict[str, Any]) -> Iterator[str]:
    if report["messages"]:
        yield "  type   count   per second"
    for number, count in report["messages"].items():
        rate = report["rates_per_s"].get(number)
        rate_text = "" if rate is None else f"{rate:.3f}"
        yield f"  {number:>4} {count:>7} {rate_text:>12}  {MESSAGE_NAMES.get(int(number), '')}"
    for sentence, count in report["sentences"].items():
        yield f"  {sentence:>5} {count:>6}"


def _epochs(report: dict[str, Any]) -> Iterator[str]:
    if report["gaps"]:
        yield "  constellation  epochs  interval    gaps  missing"
    for letter, track in report["gaps"].items():
        interval = "?" if track["interval_s"] is None else f"{track['interval_s']:g} s"
        yield (
            f"  {letter:<13} {track['epochs']:>7} {interval:>9} {track['gaps']:>7} "
            f"{track['missing_epochs']:>8}"
        )


def _signals(report: dict[str, Any]) -> Iterator[str]:
    if report["signals"]:
        yield "  signal  observations  median C/N0"
    for signal, row in report["signals"].items():
        cn0 = "-" if row["cn0_median_dbhz"] is None else f"{row['cn0_median_dbhz']:.1f} dB-Hz"
        yield f"  {signal:<6} {row['observations']:>13}  {cn0:>11}"
