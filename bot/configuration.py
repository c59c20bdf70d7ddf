"""The operator's settings: a YAML file, every value also from the environment, nothing secret ever shown.

The order, strongest first: environment variables, the file, the defaults. `DATABASE_URL`, `DISCORD_API_URL` and
`DISCORD_GATEWAY_URL` are understood under those names; all others are `RSVNO_` and the key, with `__` between levels
(`RSVNO_TOKEN`, `RSVNO_SHARDS__COUNT`). A secret may also be read from a file: `RSVNO_TOKEN_FILE` names it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from bot.documents.faults import Fault, UnusableEnvironment, UnusableFile
from bot.documents.validation import in_words, mistake
from bot.documents.yaml_text import Document, Location, read_yaml
from bot.guidance.loading import shipped_knowledge

PREFIX = "RSVNO_"
MOST_TOKEN = 1000
"""Characters of a token, none of which is nearly so long."""
_PLAIN_NAMES = {
    "DATABASE_URL": ("database", "url"),
    "DISCORD_API_URL": ("discord", "api_url"),
    "DISCORD_GATEWAY_URL": ("discord", "gateway_url"),
}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseSettings(_Section):
    """Where servers' own data is kept."""

    url: SecretStr | None = None
    """`sqlite:///FILE` or `postgresql://...`; unset: a SQLite file in the user's data folder. May hold a password."""


class DiscordSettings(_Section):
    """How Discord is reached (the addresses only for a proxy or a local Discord), and what is asked of it."""

    api_url: AnyUrl | None = None
    gateway_url: AnyUrl | None = None
    message_content: Literal["auto", "required", "off"] = "auto"
    """Whether to ask for the privileged message-content intent, which only listening needs: `auto` goes on without it
    where Discord has not granted it, `required` then ends with an error, `off` never asks."""


class ShardSettings(_Section):
    """How the gateway's load is divided; unset: as Discord recommends, all in this process."""

    count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    ids: tuple[Annotated[int, Field(ge=0)], ...] | None = None

    @model_validator(mode="after")
    def _ids_need_a_count(self) -> ShardSettings:
        if self.ids is not None and self.count is None:
            raise mistake("ids_without_count")
        if self.ids is not None and self.count is not None and any(number >= self.count for number in self.ids):
            raise mistake("ids_above_count", count=self.count)
        return self


class Settings(_Section):
    """Everything an operator may set."""

    token: SecretStr | None = None
    """The bot's token. Better from the environment (`RSVNO_TOKEN`) or a file (`token_file`) than from here."""
    token_file: Path | None = None
    knowledge: tuple[Path, ...] = ()
    """Folders of guidance read after the shipped one."""
    shipped_knowledge: bool = True
    """False: only the folders named in `knowledge`."""
    data_folder: Path = Field(default_factory=lambda: user_data_path("rsvno"))
    database: DatabaseSettings = DatabaseSettings()
    discord: DiscordSettings = DiscordSettings()
    shards: ShardSettings = ShardSettings()

    def database_url(self) -> str | Path:
        """Where servers' data is kept: as configured, or a SQLite file in the data folder. May hold a password."""
        if self.database.url is not None:
            return self.database.url.get_secret_value()
        # a path and no address, in which a folder's '?' or '%' would mean something
        return (self.data_folder / "rsvno.sqlite3").absolute()

    def secret_token(self) -> str | None:
        """The token, from wherever it was given; None when there is none. Raises `UnusableEnvironment`."""
        if self.token is not None:
            return _checked(self.token.get_secret_value(), "RSVNO_TOKEN or 'token'")
        if self.token_file is None:
            return None
        try:
            with self.token_file.open("rb") as stream:
                # no token is nearly so long, and a device has no end
                return _checked(stream.read(MOST_TOKEN).decode("utf-8-sig"), str(self.token_file))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise UnusableEnvironment(str(self.token_file), f"the token can't be read: {reason}") from None


def _checked(token: str, origin: str) -> str | None:
    """A token without spaces around it; None for an empty one. Raises `UnusableEnvironment` for what can be none."""
    token = token.strip()
    if not all("!" <= character <= "~" for character in token) or len(token) >= MOST_TOKEN:
        raise UnusableEnvironment(origin, "this is no token: it is letters, digits and dots in one line; copy it anew")
    return token or None


def load_settings(path: Path | None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `path` (None: no file) and the environment (default: the process's own).

    Raises `UnusableFile` with every fault: file and line, or the name of the environment variable.
    """
    environment = os.environ if environment is None else environment
    document = read_yaml(path) if path is not None else Document("configuration", {})
    if not isinstance(document.data, dict):
        raise UnusableFile([document.fault((), "the file must be a mapping, such as 'token_file: secret.txt'")])
    data: dict[str, Any] = _without_nothing(document.data)
    origins: dict[Location, str] = {}
    faults: list[Fault] = []
    for name, value in sorted(environment.items()):
        keys = _PLAIN_NAMES.get(name) or (
            tuple(name.removeprefix(PREFIX).lower().split("__")) if name.startswith(PREFIX) else None
        )
        if keys is None or value == "":
            continue
        origins[keys] = name
        _place(data, keys, value.split(os.pathsep) if keys == ("knowledge",) else value, name, faults)
    try:
        if faults:
            raise UnusableFile(faults)
        return Settings.model_validate(data)
    except ValidationError as error:
        raise UnusableFile(
            _placed(document, origins, place, message) for place, message in in_words(error, Settings)
        ) from None


def knowledge_folders(settings: Settings) -> tuple[Path, ...]:
    """The folders of guidance that these settings use, in the order in which they are read."""
    shipped = (shipped_knowledge(),) if settings.shipped_knowledge else ()
    return (*shipped, *settings.knowledge)


def _without_nothing(data: Mapping[str, Any]) -> dict[str, Any]:
    """A key left empty in the file means: as if it were not there."""
    return {
        key: _without_nothing(value) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None
    }


def _place(data: dict[str, Any], keys: tuple[str, ...], value: Any, name: str, faults: list[Fault]) -> None:
    for key in keys[:-1]:
        inner = data.setdefault(key, {})
        if not isinstance(inner, dict):
            faults.append(Fault(name, 0, f"'{key}' is not a section of the configuration"))
            return
        data = inner
    data[keys[-1]] = value


def _placed(document: Document, origins: Mapping[Location, str], place: Location, message: str) -> Fault:
    """A fault at the environment variable that the part at `place` came from, or else at its line in the file."""
    for keys, variable in origins.items():
        if place[: len(keys)] == keys:
            return Fault(variable, 0, message)
    return document.fault(place, message)
