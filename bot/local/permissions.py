"""What Discord refuses when a bot sends a message, and simcord lets pass: by permission, by place and by reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel

from bot.local.errors import ApiError, invalid_form

FORUM, MEDIA, CATEGORY, VOICE, STAGE = 15, 16, 4, 2, 13
_ANSWERABLE = (0, 19, 20, 23)
"""Kinds of message that can be replied to: what people and apps wrote, nothing of the system's."""


def require(backend: Backend, user_id: int, channel: Channel, *names: str) -> None:
    """Raises ApiError (403) where somebody lacks one of these permissions in a server's channel."""
    if channel.guild_id is None:
        return
    try:
        backend.require_permissions(channel.guild_id, user_id, channel.id, *names)
    except BackendError as error:
        raise ApiError(error.status, error.code, error.message, error.errors) from None


def check_message(backend: Backend, channel: Channel, body: Mapping[str, Any], files: Sequence[object]) -> None:
    """Raises ApiError for a message of the bot's that Discord would not take in this channel."""
    bot = backend.bot_user.id
    if channel.type in (FORUM, MEDIA, CATEGORY):
        raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
    if channel.type in (VOICE, STAGE) and channel.guild_id is not None:
        # whoever may not enter does not see what is written there
        try:
            backend.require_permissions(channel.guild_id, bot, channel.id, "connect")
        except BackendError:
            raise ApiError(403, 50001, "Missing Access") from None
    thread = channel.thread_metadata
    require(backend, bot, channel, "send_messages_in_threads" if channel.is_thread else "send_messages")
    if thread is not None and thread.locked and thread.archived:
        raise ApiError(400, 50083, "Thread is archived")
    if body.get("embeds") or body.get("embed"):
        require(backend, bot, channel, "embed_links")
    if files:
        require(backend, bot, channel, "attach_files")
    if body.get("tts"):
        require(backend, bot, channel, "send_tts_messages")
    reference = body.get("message_reference")
    if isinstance(reference, Mapping) and int(reference.get("type") or 0) == 0:
        _check_reply(backend, bot, channel, reference)


def _check_reply(backend: Backend, bot: int, channel: Channel, reference: Mapping[str, Any]) -> None:
    if channel.guild_id is not None:
        permissions = backend.compute_permissions(channel.guild_id, bot, channel.id)
        if not permissions & (1 << 16):
            raise ApiError(403, 160002, "Cannot reply without permission to read message history")
    wanted = str(reference.get("message_id") or "")
    answered = backend.messages.get(channel.id, {}).get(int(wanted)) if wanted.isdecimal() else None
    if answered is None or not answered.visible_to(bot):
        if reference.get("fail_if_not_exists", True):
            raise invalid_form("message_reference", "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
    elif answered.type not in _ANSWERABLE:
        raise invalid_form(
            "message_reference", "Cannot reply to a system message", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
        )
