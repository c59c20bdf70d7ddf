"""Time zones as people name them: `europe/berlin`, `Berlin`, `GMT+2`, `EST`; kept and computed with as tzdata does."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MOST_SUGGESTED = 3
MOST_NAME = 60
"""Characters of a name that are looked at."""
HOURS = range(-12, 15)
"""Whole hours before and after UTC for which tzdata has a zone."""

# what an abbreviation stands for where most people who write it live; tzdata's own of that name know no summer
_ABBREVIATIONS: Mapping[str, str] = {
    **dict.fromkeys(("est", "edt", "et", "eastern"), "America/New_York"),
    **dict.fromkeys(("cst", "cdt", "ct", "central"), "America/Chicago"),
    **dict.fromkeys(("mst", "mdt", "mt", "mountain"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pt", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("akst", "akdt"), "America/Anchorage"), "hst": "Pacific/Honolulu",
    **dict.fromkeys(("cet", "cest", "mez", "mesz"), "Europe/Berlin"),
    **dict.fromkeys(("eet", "eest"), "Europe/Helsinki"), **dict.fromkeys(("wet", "west"), "Europe/Lisbon"),
    "bst": "Europe/London", "msk": "Europe/Moscow", "ist": "Asia/Kolkata", "jst": "Asia/Tokyo", "kst": "Asia/Seoul",
    "sgt": "Asia/Singapore", "hkt": "Asia/Hong_Kong", "pht": "Asia/Manila", "wib": "Asia/Jakarta",
    "brt": "America/Sao_Paulo",
    **dict.fromkeys(("aest", "aedt"), "Australia/Sydney"), **dict.fromkeys(("acst", "acdt"), "Australia/Adelaide"),
    "awst": "Australia/Perth", **dict.fromkeys(("nzst", "nzdt"), "Pacific/Auckland"), "z": "UTC", "zulu": "UTC",
}  # fmt: skip
# places that keep one time all the year, for what no whole hour says
_HALF_HOURS: Mapping[tuple[int, int], tuple[str, ...]] = {
    (5, 30): ("Asia/Kolkata", "Asia/Colombo"), (5, 45): ("Asia/Kathmandu",), (6, 30): ("Asia/Yangon",),
    (4, 30): ("Asia/Kabul",), (3, 30): ("Asia/Tehran",), (9, 30): ("Australia/Adelaide", "Australia/Darwin"),
    (10, 30): ("Australia/Lord_Howe",), (8, 45): ("Australia/Eucla",), (12, 45): ("Pacific/Chatham",),
    (-3, 30): ("America/St_Johns",), (-9, 30): ("Pacific/Marquesas",),
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt|z)? ?([+-]) ?(\d{1,2})(?:[:.]?([0-5]\d))?(?: ?h| hours?)?")
_FIXED = re.compile(r"Etc/GMT([+-])(\d{1,2})")


def zone_named(name: str) -> str | None:
    """Returns the time zone that somebody named, under tzdata's name; None if there is none, or more than one."""
    found = _zones_named(name)
    # one place under two names is one place
    return found[0] if found and len({_offsets(zone) for zone in found}) == 1 else None


def zones_like(name: str) -> list[str]:
    """Returns time zones that somebody may have meant, at most three, the likeliest first."""
    found = _zones_named(name)
    if not found and _OFFSET.fullmatch(_plain(name)) is None:
        near = get_close_matches(_plain(name), _by_name(), MOST_SUGGESTED, 0.6)
        found = tuple(dict.fromkeys(zone for each in near for zone in _by_name()[each]))
    return list(found[:MOST_SUGGESTED])


def shown(zone: str) -> str:
    """Returns a time zone as people read it: `UTC+2` for tzdata's `Etc/GMT-2`, and otherwise its name."""
    fixed = _FIXED.fullmatch(zone)
    return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}" if fixed is not None and fixed[2] != "0" else zone


def _zones_named(name: str) -> tuple[str, ...]:
    plain = _plain(name)
    offset = _OFFSET.fullmatch(plain)
    if offset is None:
        known = _ABBREVIATIONS.get(plain)
        return (known,) if known is not None else _by_name().get(plain, ())
    hours, minutes = int(f"{offset[1]}{offset[2]}"), int(offset[3] or 0)
    if minutes:
        return _HALF_HOURS.get((hours, minutes), ())
    if hours not in HOURS:
        return ()
    # in tzdata's names of these the sign is turned around
    return (f"Etc/GMT{'-' if hours > 0 else '+'}{abs(hours)}" if hours else "UTC",)


def _plain(name: str) -> str:
    """A name without whatever people write otherwise: letters' case and accents, underscores, the minus sign."""
    letters = unicodedata.normalize("NFKD", name[:MOST_NAME].replace("\u2212", "-").replace("_", " "))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).casefold().split())


@cache
def _by_name() -> Mapping[str, tuple[str, ...]]:
    """All zones by their plain names, and those of a continent by the place alone."""
    found: dict[str, list[str]] = defaultdict(list)
    for zone in sorted(available_timezones()):
        region, _, place = zone.partition("/")
        if place and region not in ("Etc", "SystemV", "posix", "right"):
            found[_plain(place.rsplit("/", 1)[-1])].append(zone)
    whole = {_plain(zone): (zone,) for zone in available_timezones()}
    return {**{place: tuple(zones) for place, zones in found.items()}, **whole}


def _offsets(zone: str) -> tuple[timedelta | None, ...]:
    """A zone's distances to UTC through a year."""
    return tuple(datetime(2025, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in range(1, 13))
