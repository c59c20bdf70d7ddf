"""Where a database is: a file or a PostgreSQL address, as an operator writes it, with each part checked beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bot.documents.faults import nearest
from bot.storage.faults import DatabaseUnavailable

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

_TLS_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
}
_SSL = {**dict.fromkeys(("true", "1", "on", "yes"), "require"), **dict.fromkeys(("false", "0", "off", "no"), "disable")}
"""What other programs write after `ssl=`."""
_FOR_THE_DRIVER = ("sslmode", *_TLS_FILES, "sslpassword", "passfile", "target_session_attrs", "options")
"""Parts that asyncpg reads as libpq does, if it is given them as an address."""
_PARTS = {
    "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "application_name": "PGAPPNAME",
    "connect_timeout": "PGCONNECT_TIMEOUT", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslcrl": "PGSSLCRL", "sslpassword": "PGSSLPASSWORD",
    "passfile": "PGPASSFILE", "target_session_attrs": "PGTARGETSESSIONATTRS", "options": "PGOPTIONS",
}  # fmt: skip
"""What may stand behind the `?`, and the variable in which PostgreSQL's own programs look for it."""


def parse_url(address: str | Path) -> URL:
    """Returns the address with the asynchronous driver in it; a path is a SQLite file, whatever signs are in its name.

    `sqlite:///FILE` takes FILE as it is written, nothing in it is escaped. Raises DatabaseUnavailable for what is not
    usable, by name, and never with a password.
    """
    if isinstance(address, Path):
        return _sqlite(str(address))
    kind, colon, rest = address.partition("://")
    kind = kind.split("+")[0].lower()
    if not colon or not kind.isidentifier():
        raise DatabaseUnavailable("database.url is no address: use sqlite:///FILE or postgresql://USER@HOST/NAME")
    if kind not in _DRIVERS:
        raise DatabaseUnavailable(f"database.url: '{kind}' is not supported: use sqlite:///FILE or postgresql://...")
    if kind == "sqlite":
        if rest[:1] != "/" or rest in ("/", "/:memory:"):
            raise DatabaseUnavailable("database.url: SQLite needs a file, as in sqlite:///rsvno.sqlite3")
        if asked := re.search(r"\?(\w+)=[^/]*$", rest):
            raise DatabaseUnavailable(f"database.url: SQLite takes no '?{asked[1]}=' here: leave it out")
        return _sqlite(rest[1:])
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise DatabaseUnavailable(
            "database.url is no address: use postgresql://USER:PASSWORD@HOST:PORT/NAME, and write signs such as "
            "@ : / ? # in a password as %40 %3A %2F %3F %23"
        ) from None
    if blank := re.search(r"[?&](\w{1,40})=?(?=&|$)", address):
        raise DatabaseUnavailable(f"database.url: '{blank[1]}' has no value: give it one, or leave it out")
    return _checked(url).set(drivername=_DRIVERS[kind])


def _sqlite(file: str) -> URL:
    return URL.create(_DRIVERS["sqlite"], database=file)


def _checked(url: URL) -> URL:
    """Returns a PostgreSQL address whose parts after the `?` are all known, and can be."""
    if "ssl" in url.query and "sslmode" not in url.query:
        # as asyncpg and other programs call it
        asked = url.query["ssl"]
        mode = _SSL.get(asked.lower(), asked) if isinstance(asked, str) else asked
        url = url.set(query={**{name: value for name, value in url.query.items() if name != "ssl"}, "sslmode": mode})
    for name, value in url.query.items():
        if name not in _PARTS:
            hint = nearest(name, list(_PARTS)) or f": leave it out (known are {', '.join(_PARTS)})"
            raise DatabaseUnavailable(f"database.url: '?{name[:40]}=' is not known{hint}")
        if not isinstance(value, str):
            if name == "host":
                continue
            raise DatabaseUnavailable(f"database.url: '{name}' is there more than once")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise DatabaseUnavailable(f"database.url: '{name}' must be one of {', '.join(_CHOICES[name])}")
        if name in ("port", "connect_timeout") and not re.fullmatch(r"\d{1,5}", value):
            raise DatabaseUnavailable(f"database.url: '{name}' must be a whole number")
        if name in _TLS_FILES and not Path(value).is_file():
            raise DatabaseUnavailable(f"database.url: '{name}': there is no file {value}")
    return url


def file_of(url: URL) -> Path | None:
    """Returns a SQLite database's file; None for PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def connect_arguments(url: URL, name: str) -> tuple[URL, dict[str, Any]]:
    """Returns a PostgreSQL address without the parts that SQLAlchemy does not know, and those parts as the driver takes
    them. `name`: who connects, as the server shows it, unless the address says so."""
    said = {part: str(value) for part, value in url.query.items() if part in _FOR_THE_DRIVER}
    arguments: dict[str, Any] = {"server_settings": {"application_name": url.query.get("application_name", name)}}
    if said:
        arguments["dsn"] = f"postgresql:///?{urlencode(said)}"
    if "connect_timeout" in url.query:
        arguments["timeout"] = float(str(url.query["connect_timeout"]))
    return url.difference_update_query([*said, "application_name", "connect_timeout"]), arguments


def environment(url: URL) -> Mapping[str, str]:
    """Returns a PostgreSQL address as PostgreSQL's own programs read it: never among their arguments, which every user
    of a machine sees."""
    said = {_PARTS[name]: value for name, value in url.query.items() if isinstance(value, str)}
    values = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {**said, **{name: str(value) for name, value in values.items() if value}}
