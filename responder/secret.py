"""Where passwords, tokens and addresses that are as good as passwords come from, and what may be said of them.

Types and readers of single values in config.yaml. Fetches nothing: that is `servers/credentials.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo, WithJsonSchema

from responder.document import Text, Wrong, did_you_mean, written
from responder.web_address import is_protected


def read_path(value: object, info: ValidationInfo) -> Path:
    """A path; a relative one starts from the folder of the config file (`context["folder"]`)."""
    if isinstance(value, Path):
        return value
    folder = (info.context or {}).get("folder", Path())
    return Path(folder / written(value, "policies/vi-office.yaml"))


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """The first line of a file."""

    file: Path


@dataclass(frozen=True, slots=True)
class PasswordEnv:
    """An environment variable."""

    env: str


@dataclass(frozen=True, slots=True)
class PasswordCredential:
    """A systemd credential (LoadCredential=), by its name."""

    credential: str


@dataclass(frozen=True, slots=True)
class PasswordCommand:
    """The first line a command prints; no shell."""

    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PasswordLiteral:
    """The password itself, written in the config; never shown."""

    password: SecretStr


Secret = PasswordFile | PasswordEnv | PasswordCredential | PasswordCommand | PasswordLiteral

_SECRET_KINDS = ("credential", "file", "env", "command")
SECRET_HINT = "write one of `{credential: NAME}`, `{file: PATH}`, `{env: NAME}`, `{command: [PROGRAM, …]}`"  # noqa: S105


def read_secret(value: object, info: ValidationInfo) -> Secret:
    """Where the password comes from. A text alone is the password itself. Raises Wrong."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return PasswordLiteral(SecretStr(value))
    if not isinstance(value, Mapping) or len(value) != 1:
        raise Wrong("it is not clear where the password comes from", SECRET_HINT)
    ((kind, source),) = value.items()
    if kind == "command":
        return PasswordCommand(_command(source))
    if kind not in _SECRET_KINDS:
        raise Wrong(f"a password cannot come from `{kind}`", did_you_mean(str(kind), _SECRET_KINDS, SECRET_HINT))
    text = written(source, "info-password")
    if kind == "file":
        return PasswordFile(read_path(text, info))
    return PasswordEnv(text) if kind == "env" else PasswordCredential(_credential(text))


def _command(source: object) -> tuple[str, ...]:
    if not isinstance(source, list | tuple) or not source or not all(isinstance(part, str) for part in source):
        raise Wrong("a command is a list: the program and its arguments", "write `{command: [pass, show, mail/info]}`")
    return tuple(source)


def _credential(name: str) -> str:
    if not re.fullmatch(r"[\w.@-]+", name) or name in (".", ".."):
        raise Wrong(f"`{name}` cannot be the name of a credential", "write the NAME of `LoadCredential=NAME:PATH`")
    return name


def _url(value: str) -> str:
    if not is_protected(value):
        raise Wrong(f"`{value}` is not an address that begins with https://", "copy it from the provider's documents")
    return value


def _secret_url(value: object, info: ValidationInfo) -> Secret:
    """An address that may be as good as a password: it may come from where passwords come from, and is not shown."""
    if isinstance(value, str) and not (is_protected(value) and value.isascii() and value.isprintable()):
        raise Wrong("this is not an address that begins with https://", "copy it whole from the service that gave it")
    return read_secret(value, info)


FilePath = Annotated[Path, BeforeValidator(read_path), WithJsonSchema({"type": "string"})]
Url = Annotated[Text, AfterValidator(_url)]
SecretSource = Annotated[Secret, BeforeValidator(read_secret)]
SecretUrl = Annotated[Secret, BeforeValidator(_secret_url)]
