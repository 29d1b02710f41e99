"""What a series, solution or step file gets wrong, said with file and line."""


class SeriesFileError(ValueError):
    """A file that cannot be read as what it claims to be: which file, which line, what to do."""

    def __init__(self, source: str, line: int | None, sentence: str) -> None:
        where = source if line is None else f"{source}, line {line}"
        super().__init__(f"{where}: {sentence}")
        self.source = source
        self.line = line
