"""The settings of one source or sink: its paths and secrets followed, then validated."""

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, SecretStr

from stationd.config.credentials import SecretError, Secrets
from stationd.config.documents import Table
from stationd.config.problems import Findings
from stationd.config.sentences import mentions
from stationd.config.toml_lines import KeyPath
from stationd.config.validation import home, nowhere_else, validated

Model = TypeVar("Model", bound=BaseModel)
_STANDARD_STREAM: Final = "-"
_WITHHELD: Final = "?"  # stands in for a secret that is not there: the rest is still looked at
_PEM_FILES: Final = "tls_"  # paths whose key begins so must be there from the start


class Connections:
    """Reads the tables of sources and sinks of one configuration."""

    def __init__(self, secrets: Secrets, findings: Findings) -> None:
        self._secrets = secrets
        self._findings = findings

    def settings(
        self,
        model: type[Model],
        layers: Sequence[Table],
        elsewhere: Callable[[str], str | None] = nowhere_else,
    ) -> Model | None:
        """Return the settings in some tables, the first of which wins; None for faults."""
        values: dict[str, Any] = {}
        for table in reversed(layers):
            for key, value in table.values.items():
                field = model.model_fields.get(key)
                annotation = None if field is None else field.annotation
                values[key] = self._followed(annotation, key, value, table)
        settings = validated(model, values, layers, self._findings, elsewhere)
        if settings is not None:
            for key, field in model.model_fields.items():
                if key.startswith(_PEM_FILES) and mentions(field.annotation, Path):
                    self.must_be_readable(getattr(settings, key), home(layers, (key,)), key)
        return settings

    def must_be_readable(self, path: Path | None, table: Table, key: str) -> None:
        """Add a fault where a file that is needed from the start is not there."""
        if path is None:
            return
        try:
            regular = stat.S_ISREG(path.stat().st_mode)
        except OSError as error:
            fault = (error.strerror or type(error).__name__).lower()
        else:
            if regular and os.access(path, os.R_OK):
                return
            fault = "this user may not read it" if regular else "not a file"
        name = table.named((key,))
        self._findings.error(table.problem((key,), f'{name} = "{path}": {fault}'))

    def _followed(self, annotation: object, key: str, value: object, table: Table) -> object:
        """Return a value with its paths absolute and its references to secrets resolved."""
        if mentions(annotation, Path):
            if isinstance(value, str) and value not in {"", _STANDARD_STREAM}:
                return str((table.folder / value).absolute())
            return value
        if not mentions(annotation, SecretStr):
            return value
        if _is_mapping(annotation):
            if not isinstance(value, dict):
                return value
            return {k: self._secret((key, k), v, table) for k, v in value.items()}
        return self._secret((key,), value, table)

    def _secret(self, keys: KeyPath, reference: object, table: Table) -> str:
        try:
            secret = self._secrets.resolve(reference, table.folder)
        except SecretError as error:
            self._findings.error(table.problem(keys, f"{table.named(keys)}: {error}"))
            return _WITHHELD
        if secret.warning:
            self._findings.warning(table.problem(keys, f"{table.named(keys)}: {secret.warning}"))
        return secret.value


def _is_mapping(annotation: object) -> bool:
    return get_origin(annotation) is dict or any(map(_is_mapping, get_args(annotation)))
