"""Time zones are understood as people name them, or suggested."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat.client import RsvnoBot
from bot.chat.settings.time_zones import MOST_NAME, MOST_SUGGESTED, shown, zone_named, zones_like
from bot.local import LocalDiscord
from bot.storage import Database, ServerSettings


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("europe/berlin", "Europe/Berlin"), (" EUROPE/BERLIN ", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
        ("america/new york", "America/New_York"), ("new_york", "America/New_York"), ("são paulo", "America/Sao_Paulo"),
        ("GMT+2", "Etc/GMT-2"), ("utc-5", "Etc/GMT+5"), ("UTC +02:00", "Etc/GMT-2"), ("+3", "Etc/GMT-3"),
        ("UTC−3", "Etc/GMT+3"), ("UTC+0", "UTC"), ("UTC+5:30", "Asia/Kolkata"), ("+0545", "Asia/Kathmandu"),
        ("EST", "America/New_York"), ("pdt", "America/Los_Angeles"), ("CEST", "Europe/Berlin"), ("IST", "Asia/Kolkata"),
        ("Singapore", "Singapore"), ("louisville", "America/Kentucky/Louisville"), ("utc", "UTC"),
    ],
)  # fmt: skip
def test_a_name_is_understood(name: str, zone: str) -> None:
    assert zone_named(name) == zone


@pytest.mark.parametrize(
    ("name", "zone"), [("Berln", "Europe/Berlin"), ("Europe/Brlin", "Europe/Berlin"), ("New Yrok", "America/New_York")]
)
def test_a_name_that_is_nearly_one_is_suggested(name: str, zone: str) -> None:
    assert zone_named(name) is None
    assert zones_like(name)[0] == zone


@pytest.mark.parametrize("name", ["Moon/Base", "", "UTC+15", "UTC-14", "x" * 1000, "\ud800", "+5:17"])
def test_what_is_no_time_zone_is_none(name: str) -> None:
    assert zone_named(name) is None
    assert len(zones_like(name)) <= MOST_SUGGESTED


def test_every_zone_is_understood_as_it_is_shown() -> None:
    for zone in available_timezones():
        understood = zone_named(shown(zone))
        assert understood is not None, zone
        ServerSettings(time_zone=understood)
        # a few abbreviations of tzdata's own know no summer: what people mean by them does
        assert understood == zone or zone.startswith("Etc/") or len(zone) <= 4 or "+" in zone or "-" in zone, zone


@settings(deadline=None)
@given(st.text(max_size=2 * MOST_NAME) | st.from_regex(r"(utc|gmt)? ?[+-]\d{1,2}(:\d\d)?", fullmatch=True))
def test_any_text_is_a_zone_or_none(text: str) -> None:
    zone = zone_named(text)
    assert zone is None or zone in available_timezones()
    assert set(zones_like(text)) <= available_timezones()


async def test_the_form_takes_it_and_says_what_it_does_not_know(
    discord: LocalDiscord, bot: RsvnoBot, database: Database
) -> None:
    server = discord.server()
    channel, admin = server.channel("general"), server.member("admin", "manage_guild")
    more = await admin.press((await admin.run(channel, "settings")).seen, "More settings")
    done = await admin.submit(await admin.press(more.seen, "Change the time zone"), zone="gmt+2")
    assert "UTC+2" in done.text
    assert (await database.server(server.id).settings.get()).time_zone == "Etc/GMT-2"
    form = await admin.press(more.seen, "Change the time zone")
    assert form.form is not None
    assert form.form.filled["zone"] == "UTC+2"
    refused = await admin.submit(form, zone="Berln")
    assert "no time zone Berln. Do you mean Europe/Berlin" in refused.text
