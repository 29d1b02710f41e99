"""What a recording contains: counts, rates, epochs, identity and signals, in one pass.

MSM are decoded in batches and counted by column; everything else goes the way of the line.
"""

from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, Final

from stationd.facts import utc_text
from stationd.inputs import Instant
from stationd.recordings.epoch_times import EpochTimes
from stationd.recordings.signal_counts import SignalCounts
from stationd.station.calendar import Calendar, Rank
from stationd.station.intake import DATED_SENTENCES, Intake
from stationd.station.registration import Registration
from stationd.station.state import StationState
from stationd.wire.errors import DecodeError
from stationd.wire.framing import Frame, Framer, Sentence
from stationd.wire.nmea0183.sentences import Rmc, Zda, decode_sentence, sentence_type
from stationd.wire.rtcm3.epoch import LEGACY_LETTERS, MessageEpoch, epoch_of
from stationd.wire.rtcm3.legacy import decode_legacy
from stationd.wire.rtcm3.msm import Msm
from stationd.wire.rtcm3.msm_batch import decode_msm_batch
from stationd.wire.rtcm3.msm_layout import MSM_NUMBERS

_SENTENCES_KEPT: Final = 64  # the newest; before the last with a date come some without
_NOW: Final = Instant(None, 0.0)  # an inspection has no arrival times


def _address(data: bytes) -> str:
    """Return what stands before a sentence's first comma: "GNGGA", "PUBX"."""
    return data[1:].split(b",", 1)[0].split(b"*", 1)[0].decode("ascii", "replace")


class SentenceTimes:
    """When a recording's sentences with a date were: for one that has no RTCM observations."""

    def __init__(self) -> None:
        self.first_utc_s: float | None = None
        self._newest: deque[bytes] = deque(maxlen=_SENTENCES_KEPT)

    def add(self, data: bytes) -> None:
        """Take a sentence; only the first with a date is read at once."""
        if sentence_type(data) in DATED_SENTENCES:
            self._newest.append(data)
            if self.first_utc_s is None:
                self.first_utc_s = self._utc_of(data)

    @property
    def last_utc_s(self) -> float | None:
        """UTC of the newest sentence with a date."""
        return next((utc_s for utc_s in map(self._utc_of, reversed(self._newest)) if utc_s), None)

    def _utc_of(self, data: bytes) -> float | None:
        try:
            sentence = decode_sentence(data)
        except DecodeError:
            return None
        match sentence:
            case Rmc(utc_s=utc_s, valid=True) | Zda(utc_s=utc_s):
                return utc_s
        return None


class Inspection:
    """Takes a recording block by block; `report` tells what it contains.

    `around_utc_s`: about when it was recorded, for a recording that does not say.
    """

    def __init__(self, around_utc_s: float | None = None) -> None:
        self.framer = Framer()
        self.calendar = Calendar()
        if around_utc_s is not None:
            self.calendar.note_utc(around_utc_s, Rank.TRUSTED)
        self.state = StationState(Registration(id="inspection"), 0.0)
        self._intake = Intake(self.state, self.calendar)
        self._counts: Counter[int] = Counter()
        self._sentences: Counter[str] = Counter()
        self._times = EpochTimes(self.calendar)
        self._sentence_times = SentenceTimes()
        self._signals = SignalCounts()

    def feed(self, block: bytes) -> None:
        self._take(self.framer.feed(block))

    def finish(self) -> None:
        self._take(self.framer.finish())

    def _take(self, items: Sequence[Frame | Sentence]) -> None:
        frames = []
        for item in items:
            match item:
                case Frame(number, data):
                    self._counts[number] += 1
                    if number in MSM_NUMBERS:
                        frames.append(data)
                    else:
                        self._other(number, data)
                case Sentence(data):
                    self._sentences[_address(data)] += 1
                    self._sentence_times.add(data)
                    self._intake.sentence(data, _NOW)
        self._times.note_date()
        self._take_msm(decode_msm_batch(frames))

    def _other(self, number: int, data: bytes) -> None:
        self._intake.frame(number, data, _NOW)
        if number in LEGACY_LETTERS:
            epoch = epoch_of(number, data)
            if epoch is not None:
                self._times.add(epoch)
            with suppress(DecodeError):  # the intake has counted it
                self._signals.add_legacy(decode_legacy(data))

    def _take_msm(self, results: Sequence[Msm | DecodeError]) -> None:
        messages: list[Msm] = []
        for result in results:
            match result:
                case DecodeError():
                    self.state.decode_errors += 1
                case Msm():
                    messages.append(result)
                    self._take_epoch(result)
        for _, same in groupby(
            sorted(messages, key=lambda m: (id(m.columns), m.start)), key=lambda m: id(m.columns)
        ):
            self._signals.add_msm(list(same))

    def _take_epoch(self, message: Msm) -> None:
        if not message.epoch_is_possible:
            self.state.impossible_epochs += 1
            return
        self._times.add(MessageEpoch(message.constellation, message.epoch_s, message.glonass_day))

    def _dates(self) -> tuple[float | None, float | None]:
        """Return UTC of the first and the last epoch, None where the date is not known."""
        if self._times.by_letter:
            return self._times.dates()
        return self._sentence_times.first_utc_s, self._sentence_times.last_utc_s

    def _rates_per_s(self, span_s: float, tracks: dict[str, dict[str, Any]]) -> dict[str, float]:
        """Return each type's messages a second; the last epoch lasts as long as the others."""
        intervals_s = [track["interval_s"] for track in tracks.values() if track["interval_s"]]
        lasted_s = span_s + min(intervals_s, default=0.0)
        if not lasted_s:
            return {}
        return {str(number): round(n / lasted_s, 4) for number, n in sorted(self._counts.items())}

    def first_utc_s(self) -> float | None:
        """Return UTC of the first epoch; None where the date is not known."""
        return self._dates()[0]

    def report(self) -> dict[str, Any]:
        """Return everything found, as the JSON object of `stationd inspect --json`."""
        first_utc_s, last_utc_s = self._dates()
        span_s = self._times.span_s()
        if not self._times.by_letter and first_utc_s is not None and last_utc_s is not None:
            span_s = last_utc_s - first_utc_s
        framer, arp = self.framer, self.state.arp
        tracks = {k: epochs.report() for k, epochs in sorted(self._times.by_letter.items())}
        return {
            "bytes": framer.received_bytes,
            "frames": framer.frames,
            "messages": {str(number): n for number, n in sorted(self._counts.items())},
            "rates_per_s": self._rates_per_s(span_s, tracks),
            "crc_failures": framer.crc_failures,
            "decode_errors": self.state.decode_errors,
            "skipped_bytes": framer.skipped_bytes,
            "foreign_messages": framer.foreign_messages,
            "foreign_bytes": framer.foreign_bytes,
            "sentences": dict(sorted(self._sentences.items())),
            "sentence_failures": framer.sentence_failures,
            "epochs": {letter: track["epochs"] for letter, track in tracks.items()},
            "gaps": tracks,
            "beidou_ahead_s": self._times.beidou_ahead_s,
            "impossible_epochs": self.state.impossible_epochs,
            "first_epoch": utc_text(first_utc_s),
            "last_epoch": utc_text(last_utc_s),
            "duration_s": round(span_s, 3),
            "arp": None
            if arp is None
            else {"x_m": arp.x_m, "y_m": arp.y_m, "z_m": arp.z_m, "height_m": arp.height_m},
            "descriptors": dict(sorted(self.state.descriptors.items())),
            "signals": self._signals.report(),
        }
