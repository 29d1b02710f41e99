"""Delays of signals against the clock that a satellite broadcasts, as its TGD or BGD define them.

A delay lengthens the pseudorange. The clock is that of the ionosphere-free combination to which
the message refers, so delays of its two signals cancel in that combination.
- GPS, QZSS: L1 and L2 (IS-GPS-200N 20.3.3.3.3.2). TGD alone says nothing of L5; here L5 is such
  that L1 and L5 cancel too, which is what RTKLIB assumes.
- Galileo: E1 and E5b, the clock of I/NAV. E5a follows from BGD E1/E5a (OS SIS ICD 2.1, 5.1.5).
- BeiDou: B3I; TGD1 is B1I's delay, TGD2 B2I's. Message 1042 says nothing of B1C, B2a: zero.
- GLONASS: zero. Solvers disagree about the sign of delta tau (RTKLIB applies it to one frequency
  as L1 less L2, the ICD defines L2 less L1), so it is broadcast as zero.
"""

from collections.abc import Mapping

from stationd.gnss.signals import BAND_FREQUENCY_HZ


def group_delay_s(letter: str, code: str, broadcast_s: Mapping[str, float]) -> float:
    """Return the delay of the signal with this observation code; `broadcast_s` by field name."""
    band = code[0]
    match letter:
        case "G" | "J":
            return _ratio(letter, band) * broadcast_s["tgd_s"]
        case "E" if band == "5":
            e5a_s, e5b_s = broadcast_s["bgd_e5a_s"], broadcast_s["bgd_e5b_s"]
            return e5b_s - e5a_s + _ratio("E", "5") * e5a_s
        case "E":
            return _ratio("E", band) * broadcast_s["bgd_e5b_s"]
        case "C":
            field = {"2": "tgd1_s", "7": "tgd2_s"}.get(band)
            return broadcast_s[field] if field else 0.0
        case _:
            return 0.0


def _ratio(letter: str, band: str) -> float:
    """Return the square of the first frequency over the band's: how the ionosphere scales."""
    return (BAND_FREQUENCY_HZ[letter + "1"] / BAND_FREQUENCY_HZ[letter + band]) ** 2
