"""What can go wrong with the disk; the text of each is a sentence for a log line."""


class StoreError(Exception):
    """The disk said no; what was to be written waits elsewhere."""


class InUseError(StoreError):
    """Another daemon works in the same folder."""
