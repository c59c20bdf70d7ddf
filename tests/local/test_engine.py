"""The contract with simcord: what `bot/local/engine.py` uses of its insides. After an upgrade, it says what changed."""

from __future__ import annotations

import inspect
from importlib.metadata import version

import pytest
import simcord.intents
from simcord.backend import Backend, serializers
from simcord.backend.models import Interaction, Message, Overwrite
from simcord.http import router
from simcord.interactions import base_payload

from bot.local.clock import MovableClock
from bot.local.engine import Engine, Upload
from bot.local.errors import ApiError


def test_the_version_is_the_one_that_was_tried() -> None:
    assert version("simcord") == "3.2.1", "try tests/local and tests/chat with the new version, then pin it"


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        (Backend.__init__, {"clock"}),
        (Backend.create_message, {"channel_id", "author_id", "content", "reference", "attachments", "webhook_id"}),
        (Backend.create_guild, {"name", "id", "owner_id"}),
        (Backend.create_channel, {"guild_id", "name", "type", "overwrites", "parent_id"} - {"parent_id"}),
        (Backend.create_role, {"guild_id", "name", "permissions"}),
        (Backend.add_member, {"guild_id", "user_id", "roles", "announce"}),
        (Backend.require_permissions, {"guild_id", "user_id", "channel_id"}),
        (router.dispatch, {"backend", "method", "path", "json", "params", "files", "message_content_access"}),
        (base_payload, {"backend", "type", "channel_id", "guild_id", "user_id", "data"}),
        (serializers.message_payload, {"backend", "message", "for_user"}),
        (simcord.intents.censor_message, {"payload", "bot_id", "backend", "exempt_root"}),
        (simcord.intents.required_intent, {"event", "payload"}),
    ],
)
def test_what_is_called_takes_what_is_given(function: object, needed: set[str]) -> None:
    assert needed <= set(inspect.signature(function).parameters)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Interaction, {"token", "responded", "response_kind", "message_id", "followup_ids", "modal", "modal_consumed"}),
        (Message, {"author_id", "flags", "components", "interaction_metadata", "ping_user_ids", "ping_role_ids"}),
        (Overwrite, {"target_id", "type", "deny"}),
    ],
)
def test_what_is_read_is_there(kind: type, names: set[str]) -> None:
    assert names <= set(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def test_a_message_goes_in_and_comes_out() -> None:
    engine = Engine(MovableClock(), "bot")
    guild = engine.make_guild("server", None, with_bot=True, locale="en-US")
    channel = engine.make_channel(guild, "general", 0, {}, None)
    sent = engine.request(
        "POST", f"/channels/{channel}/messages", json={"content": "x"}, files=[Upload("a.txt", b"data", "described")]
    )
    assert sent["attachments"][0]["description"] == "described"
    path = sent["attachments"][0]["url"].split("invalid")[1]
    assert engine.file(path) == b"data"
    with pytest.raises(ApiError, match="501"):
        engine.request("GET", "/nowhere")
    with pytest.raises(ValueError, match="forward"):
        engine.clock.advance(-1)
