"""What a recording contains: counts, rates, epochs, identity and signals, in one pass.

MSM are decoded in batches and counted by column; everything else goes the way of the line.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stationd.facts import utc_text
from stationd.gnss.signals import observation_codes
from stationd.gnss.time import gpst_of_epoch, utc_from_gpst
from stationd.inputs import Instant
from stationd.station.calendar import Calendar, Rank
from stationd.station.intake import Intake
from stationd.station.registration import Registration
from stationd.station.state import StationState
from stationd.units import SECONDS_PER_DAY, SECONDS_PER_WEEK
from stationd.wire.errors import DecodeError
from stationd.wire.framing import Frame, Framer, Sentence
from stationd.wire.rtcm3.epoch import LEGACY_LETTERS, MessageEpoch, epoch_of
from stationd.wire.rtcm3.msm import Msm
from stationd.wire.rtcm3.msm_batch import decode_msm_batch
from stationd.wire.rtcm3.msm_layout import CN0, LETTERS, MSM_NUMBERS

_UNKNOWN_DAY: Final = 7  # DF416
_CN0_STEPS: Final = 1024  # DF408: 1/16 dB-Hz
_SIGNALS: Final = 32
_NOW: Final = Instant(None, 0.0)  # an inspection has no arrival times


class Epochs:
    """Epoch times of one constellation, as they came."""

    def __init__(self, letter: str) -> None:
        self.letter = letter
        self._times_s = array("d")  # of the week, or of the day where no day is said
        self._daily = False
        self.last: MessageEpoch | None = None

    def add(self, epoch: MessageEpoch) -> None:
        if self.last is not None and epoch.epoch_s == self.last.epoch_s:
            return
        self.last = epoch
        if self.letter == "R" and epoch.day_of_week in (None, _UNKNOWN_DAY):
            self._daily = True
            self._times_s.append(epoch.epoch_s)
        else:
            self._times_s.append(epoch.epoch_s + SECONDS_PER_DAY * (epoch.day_of_week or 0))

    def elapsed_s(self) -> NDArray[np.float64]:
        """Return distinct epochs in order, in seconds since the first that came."""
        times_s = np.frombuffer(self._times_s)
        period_s = SECONDS_PER_DAY if self._daily else SECONDS_PER_WEEK
        steps_s = np.diff(times_s % period_s if self._daily else times_s)
        steps_s = (steps_s + period_s / 2) % period_s - period_s / 2
        return np.unique(np.round(np.concatenate([[0.0], np.cumsum(steps_s)]), 3))

    def report(self) -> dict[str, Any]:
        """Return count, interval and gaps. A gap is a step of more than 1.5 intervals."""
        steps_s = np.diff(self.elapsed_s())
        if not len(steps_s):
            return {"epochs": 1, "interval_s": None, "gaps": 0, "missing_epochs": 0}
        interval_s = float(np.median(steps_s))
        gaps = steps_s[steps_s > 1.5 * interval_s]
        return {
            "epochs": len(steps_s) + 1,
            "interval_s": round(interval_s, 3),
            "gaps": len(gaps),
            "missing_epochs": int(np.sum(np.round(gaps / interval_s) - 1)),
            "longest_gap_s": round(float(gaps.max()), 3) if len(gaps) else 0.0,
        }


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
        self._epochs: dict[str, Epochs] = {}
        self._cn0_counts = np.zeros((len(LETTERS) * _SIGNALS, _CN0_STEPS), np.int64)
        self._observations = np.zeros(len(LETTERS) * _SIGNALS, np.int64)
        self._msm: list[bytes] = []

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
                    self._sentences[data[1:6].decode("ascii", "replace")] += 1
                    self._intake.sentence(data, _NOW)
        self._take_msm(decode_msm_batch(frames))

    def _other(self, number: int, data: bytes) -> None:
        self._intake.frame(number, data, _NOW)
        epoch = epoch_of(number, data)
        if epoch is not None and number in LEGACY_LETTERS:
            self._epochs.setdefault(epoch.letter, Epochs(epoch.letter)).add(epoch)

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
            self._take_signals(list(same))

    def _take_epoch(self, message: Msm) -> None:
        if not message.epoch_is_possible:
            self.state.impossible_epochs += 1
            return
        letter = message.constellation
        epochs = self._epochs.get(letter)
        if epochs is None:
            epochs = self._epochs[letter] = Epochs(letter)
        epochs.add(MessageEpoch(letter, message.epoch_s, message.glonass_day))

    def _take_signals(self, messages: list[Msm]) -> None:
        """Count observations and C/N0 by signal. `messages` share their columns, in order."""
        columns = messages[0].columns
        tens = list(LETTERS)
        group = np.repeat(
            [tens.index(m.number // 10) for m in messages], [m.stop - m.start for m in messages]
        )
        place = np.concatenate([np.arange(m.start, m.stop) for m in messages])
        signal = group * _SIGNALS + columns.signal_index[place]
        values = columns.values[:, place]
        has_value = ~np.isnan(values).all(axis=0)
        self._observations += np.bincount(signal[has_value], minlength=len(self._observations))
        cn0_dbhz = values[CN0]
        given = ~np.isnan(cn0_dbhz)
        step = (cn0_dbhz[given] * 16).astype(np.intp)
        flat = np.bincount(signal[given] * _CN0_STEPS + step, minlength=self._cn0_counts.size)
        self._cn0_counts += flat.reshape(self._cn0_counts.shape)

    def _signals(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for index in np.flatnonzero(self._observations).tolist():
            letter = list(LETTERS.values())[index // _SIGNALS]
            bit = index % _SIGNALS
            code = observation_codes(letter)[bit] or f"?{bit + 1}"
            counts = self._cn0_counts[index]
            total = int(counts.sum())
            middle = float(np.searchsorted(np.cumsum(counts), (total + 1) // 2)) / 16
            found[letter + code] = {
                "observations": int(self._observations[index]),
                "cn0_median_dbhz": middle if total else None,
            }
        return found

    def _span_s(self) -> float:
        spans = [epochs.elapsed_s() for epochs in self._epochs.values()]
        return max((float(s[-1] - s[0]) for s in spans), default=0.0)

    def _dates(self) -> tuple[float | None, float | None]:
        """Return UTC of the first and the last epoch, None where the date is not known."""
        if self.calendar.gpst_s is None or not self._epochs:
            return None, None
        first, last = [], []
        for epochs in self._epochs.values():
            assert epochs.last is not None  # each was made for an epoch
            end_s = gpst_of_epoch(*epochs.last, self.calendar.gpst_s)
            elapsed_s = epochs.elapsed_s()
            last.append(end_s)
            first.append(end_s - float(elapsed_s[-1] - elapsed_s[0]))
        return utc_from_gpst(min(first)), utc_from_gpst(max(last))

    def first_utc_s(self) -> float | None:
        """Return UTC of the first epoch; None where the date is not known."""
        return self._dates()[0]

    def report(self) -> dict[str, Any]:
        """Return everything found, as the JSON object of `stationd inspect --json`."""
        span_s = self._span_s()
        first_utc_s, last_utc_s = self._dates()
        framer, arp = self.framer, self.state.arp
        return {
            "bytes": framer.received_bytes,
            "frames": framer.frames,
            "messages": {str(number): n for number, n in sorted(self._counts.items())},
            "rates_per_s": {
                str(number): round(n / span_s, 4) for number, n in sorted(self._counts.items())
            }
            if span_s
            else {},
            "crc_failures": framer.crc_failures,
            "decode_errors": self.state.decode_errors,
            "skipped_bytes": framer.skipped_bytes,
            "foreign_messages": framer.foreign_messages,
            "foreign_bytes": framer.foreign_bytes,
            "sentences": dict(sorted(self._sentences.items())),
            "sentence_failures": framer.sentence_failures,
            "epochs": {k: e.report()["epochs"] for k, e in sorted(self._epochs.items())},
            "gaps": {k: e.report() for k, e in sorted(self._epochs.items())},
            "impossible_epochs": self.state.impossible_epochs,
            "first_epoch": utc_text(first_utc_s),
            "last_epoch": utc_text(last_utc_s),
            "duration_s": round(span_s, 3),
            "arp": None
            if arp is None
            else {"x_m": arp.x_m, "y_m": arp.y_m, "z_m": arp.z_m, "height_m": arp.height_m},
            "descriptors": dict(sorted(self.state.descriptors.items())),
            "signals": self._signals(),
        }
