"""What is wrong with a frame or sentence whose checksum is good."""


class DecodeError(ValueError):
    """A sound frame with unsound content. The pipeline counts it and goes on."""
