"""Decodes what has no decoder of its own, by pyrtcm: network RTK, transformations, SSR, IGS SSR.

It is imported when the first such message is asked for: the daemon only counts these types.
"""

from typing import Any, Final

from stationd.wire.errors import DecodeError
from stationd.wire.rtcm3.bits import CRC_BYTES, HEADER_BYTES
from stationd.wire.rtcm3.decoders import MESSAGE_NAMES

LEAST_BYTES: Final = 2  # a message number takes twelve bits
_IGS_SSR: Final = 4076


def decode_rare(frame: bytes) -> dict[str, Any]:
    """Return a message as an object that JSON can carry, its fields by DF number as in pyrtcm.

    `recognised`: whether the number has a name; `decoded`: whether the fields are here.
    Raises DecodeError where pyrtcm knows the type and the content contradicts it.
    """
    message = frame[HEADER_BYTES:-CRC_BYTES]
    number = message[0] << 4 | message[1] >> 4 if len(message) >= LEAST_BYTES else None
    about = {"recognised": number in MESSAGE_NAMES, "length_bytes": len(message)}
    if number is None or (number == _IGS_SSR and len(message) <= LEAST_BYTES):
        return {**about, "decoded": False}
    fields = _fields(message, number)
    return {**about, "decoded": bool(fields), **fields}


def _fields(message: bytes, number: int) -> dict[str, Any]:
    """Return pyrtcm's attributes; none where it does not know the type."""
    # An import of 9 ms and 1.3 MB that a daemon which only counts need not pay for.
    from pyrtcm import RTCMMessage  # noqa: PLC0415
    from pyrtcm.exceptions import (  # noqa: PLC0415
        RTCMMessageError,
        RTCMParseError,
        RTCMTypeError,
    )

    try:
        parsed = RTCMMessage(payload=message)
    except (RTCMMessageError, RTCMParseError, RTCMTypeError) as error:
        raise DecodeError(
            f"message {number}: pyrtcm cannot read its {len(message)} bytes as this type"
        ) from error
    fields = {name: value for name, value in vars(parsed).items() if not name.startswith("_")}
    fields.pop("DF002", None)
    return fields
