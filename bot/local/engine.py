"""The in-memory Discord behind the wire. The one module that touches simcord's insides.

simcord (pinned exactly) keeps servers, channels, permissions, messages, commands and interactions, and answers REST
routes as Discord does. What it does not know is added here: people who installed the app for themselves, servers where
the bot is not (any more), private channels between people, limits on commands and suggestions. Everything that an
upgrade of simcord could break is used through this module; `tests/local/test_engine.py` is its contract.
"""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import discord
from simcord import intents as simcord_intents
from simcord.backend import Backend, serializers
from simcord.backend.access import channel_accessible, message_accessible
from simcord.backend.cdn import CDN_BASE
from simcord.backend.command_access import command_access
from simcord.backend.errors import BackendError
from simcord.backend.models import Channel, Interaction, Message, Overwrite
from simcord.components import walk_components
from simcord.enums import OverwriteType
from simcord.http import router
from simcord.http import routes as _routes  # noqa: F401  # its import registers the routes
from simcord.interactions import base_payload

from bot.local.clock import MovableClock
from bot.local.component_limits import check_components, check_form
from bot.local.errors import ApiError, NotAllowed
from bot.local.limits import check_choices, check_commands
from bot.local.permissions import check_message, require
from bot.local.wire import as_sent

GUILD_INSTALL, USER_INSTALL = "0", "1"
IN_SERVER, IN_BOT_DM, IN_PRIVATE_CHANNEL = 0, 1, 2
TEXT_CHANNEL, DIRECT_MESSAGE = 0, 1
SUGGESTIONS, FORM = 8, 9
ANSWER_SECONDS = 3.0
TYPING_SECONDS = 10.0

FORMAT = "rsvno-world-1 simcord-3.2.1"
_TYPING = re.compile(r"/channels/(\d+)/typing")
_SAVED = ("backend", "absent_from", "installed_for", "private_channels", "_focused", "_installations")

Listener = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart call, as simcord's routes read it."""

    filename: str
    data: bytes
    description: str | None = None

    @property
    def fp(self) -> io.BytesIO:
        return io.BytesIO(self.data)


class Engine:
    """One Discord: its people, servers and messages, and the answers to REST calls. Times come from `clock`.

    A bot must answer within three seconds, by `pace`: at 0.5 it has six.
    """

    def __init__(self, clock: MovableClock, bot_name: str, pace: float = 1.0) -> None:
        self.clock = clock
        self._pace = pace
        self.backend = Backend(clock=clock)  # type: ignore[arg-type]  # asks only for now() and advance()
        self.backend.bot_user.name = bot_name
        self.backend.transcript = _Forgetful()
        self.backend.http_requests = _Forgetful()
        self.absent_from: set[int] = set()
        """Servers where the bot is not: kept whole, but hidden from it."""
        self.installed_for: set[int] = set()
        """People who installed the app for themselves."""
        self.private_channels: dict[int, frozenset[int]] = {}
        """Channels between people, without the bot: who is in them."""
        self.closed: set[int] = set()
        """People who take no direct messages of the bot's."""
        self._typing: dict[int, datetime] = {}
        self._focused: dict[int, int] = {}
        self._installations: dict[int, dict[str, str]] = {}

    @property
    def bot_id(self) -> int:
        return self.backend.bot_user.id

    @property
    def application_id(self) -> int:
        return self.backend.application_id

    # ------------------------------------------------------------------ file

    def save(self, file: Path) -> None:
        """Writes the whole world into a file, so that it can go on another day. Raises OSError."""
        subscribers, self.backend.subscribers = self.backend.subscribers, []
        try:
            state = {name: getattr(self, name) for name in _SAVED}
            data = pickle.dumps((FORMAT, state))
        finally:
            self.backend.subscribers = subscribers
        half = file.with_name(file.name + ".part")
        half.write_bytes(data)
        half.replace(file)

    def load(self, file: Path) -> bool:
        """Goes on with a world that was saved; returns False if the file holds none of ours. Raises OSError.

        Only for files that this program wrote itself: reading them can run code, as with every pickle.
        """
        try:
            saved, state = pickle.loads(file.read_bytes())
            if saved != FORMAT:
                return False
        except (pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, TypeError, ValueError):
            return False
        state["backend"].subscribers = self.backend.subscribers
        state["backend"].clock = self.clock
        for name in _SAVED:
            setattr(self, name, state[name])
        return True

    def subscribe(self, listener: Listener) -> None:
        """Calls `listener(event, payload)` at each gateway event that the bot may in principle hear of."""

        def filtered(event: str, payload: Mapping[str, Any]) -> None:
            if self._bot_is_there(event, payload):
                listener(event, payload)

        self.backend.subscribers.append(filtered)

    def _bot_is_there(self, event: str, payload: Mapping[str, Any]) -> bool:
        if event == "INTERACTION_CREATE":
            # who installed the app for themselves can use it where the bot is not
            return True
        guild_id = payload.get("guild_id")
        if guild_id is None and event in ("GUILD_CREATE", "GUILD_UPDATE"):
            guild_id = payload.get("id")
        if guild_id is not None and int(guild_id) in self.absent_from:
            return False
        channel_id = payload.get("channel_id")
        return channel_id is None or int(channel_id) not in self.private_channels

    # ------------------------------------------------------------------ REST

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        files: Sequence[Upload] = (),
        reason: str | None = None,
        message_content: bool = True,
    ) -> Any:
        """Carries out one call of the bot (`path` without `/api/v10`) and returns what its answer holds, or None.

        Raises ApiError with Discord's status and code where Discord refuses, and with 501 for a route or a field that
        this Discord does not know: that is a gap of ours, never a silent yes.
        """
        json = as_sent(json, self.bot_id)
        try:
            self._check(method, path, json, files)
            typing = _TYPING.fullmatch(path) if method == "POST" else None
            if typing is not None:
                self._type_in(int(typing[1]))
                return None
            answer = router.dispatch(
                self.backend,
                method,
                path,
                json=json,
                params=dict(params or {}),
                files=list(files),
                reason=reason,
                message_content_access=message_content,
            )
            return as_sent(answer, self.bot_id)
        except BackendError as error:
            raise ApiError(error.status, error.code, error.message, error.errors) from None
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ApiError(400, 50035, f"Invalid Form Body: {type(error).__name__}: {error}") from error

    def _type_in(self, channel_id: int) -> None:
        """The bot shows that it is typing: where it may write, as on Discord."""
        channel = self.backend.channels.get(channel_id)
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        require(self.backend, self.bot_id, channel, "send_messages")
        self._typing[channel_id] = self.clock.now()

    def types_in(self, channel_id: int) -> float:
        """Returns for how many seconds more the bot is shown as typing in a channel: at most ten, until it writes."""
        began = self._typing.get(channel_id)
        if began is None:
            return 0.0
        written = [each for each in self.backend.messages.get(channel_id, {}).values() if each.author_id == self.bot_id]
        if any(datetime.fromisoformat(each.timestamp) >= began for each in written):
            return 0.0
        return max(0.0, TYPING_SECONDS - (self.clock.now() - began).total_seconds())

    def _check(self, method: str, path: str, json: Any, files: Sequence[Upload]) -> None:
        parts = path.strip("/").split("/")
        if method == "PUT" and parts[0] == "applications" and parts[-1] == "commands":
            check_commands(json)
        if parts[0] == "interactions" and parts[-1] == "callback" and isinstance(json, dict):
            data = json.get("data") or {}
            if json.get("type") == SUGGESTIONS:
                kind = self._focused.get(int(parts[1]), 3) if parts[1].isdecimal() else 3
                check_choices(data.get("choices") or [], "data.choices", kind)
            elif json.get("type") == FORM:
                check_form(data.get("components"))
            else:
                check_components(data.get("components"), "data.components")
        if parts[0] == "channels" and len(parts) > 1 and parts[1].isdecimal():
            channel = self.backend.channels.get(int(parts[1]))
            if channel is not None and (channel.guild_id in self.absent_from or channel.id in self.private_channels):
                raise ApiError(403, 50001, "Missing Access")
            if channel is not None and method == "POST" and parts[2:] == ["messages"]:
                self._check_recipients(channel)
                check_message(self.backend, channel, json if isinstance(json, dict) else {}, files)
        if parts[0] in ("channels", "webhooks") and isinstance(json, dict):
            check_components(json.get("components"))
        if parts[0] == "guilds" and len(parts) > 1 and parts[1].isdecimal() and int(parts[1]) in self.absent_from:
            raise ApiError(404, 10004, "Unknown Guild")
        if method == "DELETE" and parts[:3] == ["users", "@me", "guilds"] and parts[3].isdecimal():
            # the server itself goes on without the bot
            self.remove_bot(int(parts[3]))

    def _check_recipients(self, channel: Channel) -> None:
        if channel.guild_id is None and self.closed.intersection(channel.recipient_ids):
            raise ApiError(403, 50007, "Cannot send messages to this user")

    def file(self, path: str) -> bytes | None:
        """Returns an uploaded file by the path of its address, or None."""
        return self.backend.cdn.get(f"{CDN_BASE}{path}")

    @staticmethod
    def with_cdn(text: str, base: str) -> str:
        """Returns JSON `text` with the addresses of files pointing to `base`, where they can really be fetched."""
        return text.replace(CDN_BASE, base)

    # --------------------------------------------------------------- gateway

    def user(self) -> dict[str, Any]:
        """Returns the bot's own user object."""
        return dict(serializers.user_payload(self.backend.bot_user))

    def guild_ids(self) -> list[int]:
        """Returns the servers in which the bot is, oldest first."""
        return sorted(guild_id for guild_id in self.backend.guilds if guild_id not in self.absent_from)

    def guild_create(self, guild_id: int) -> dict[str, Any]:
        """Returns GUILD_CREATE's data for one server."""
        created = as_sent(serializers.guild_create_payload(self.backend, self.backend.guilds[guild_id]), self.bot_id)
        return dict(created)

    def as_heard(self, event: str, payload: Mapping[str, Any], intents: discord.Intents) -> dict[str, Any] | None:
        """Returns what a session with these intents gets of an event, or None: the rules of Discord's intents.

        Without message content, a message's text, embeds, components and files are empty, except in direct messages,
        in messages that mention the bot or that it wrote, and for the target of a message command.
        """
        gate = simcord_intents.required_intent(event, payload)
        if gate is not None and not getattr(intents, gate):
            return None
        if payload.get("guild_id") is not None and event != "INTERACTION_CREATE" and not intents.guilds:
            return None
        heard: dict[str, Any] = as_sent(dict(payload), self.bot_id)
        if event == "GUILD_CREATE":
            simcord_intents.prune_guild_create(heard, intents, self.bot_id)
        if intents.message_content:
            return heard
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE"):
            simcord_intents.censor_message(heard, self.bot_id, backend=self.backend)
        elif event == "INTERACTION_CREATE":
            if heard.get("type") in (3, 5) and isinstance(heard.get("message"), dict):
                simcord_intents.censor_message(heard["message"], self.bot_id, backend=self.backend, exempt_root=True)
            data = heard.get("data") or {}
            for message_id, message in ((data.get("resolved") or {}).get("messages") or {}).items():
                chosen = data.get("type") == 3 and str(data.get("target_id")) == str(message_id)
                simcord_intents.censor_message(message, self.bot_id, backend=self.backend, exempt_root=chosen)
        return heard

    def members(self, guild_id: int, query: str, limit: int, user_ids: Sequence[int]) -> list[dict[str, Any]]:
        """Returns the member objects that a request for members asks for; an unknown server has none."""
        guild = self.backend.guilds.get(guild_id)
        if guild is None or guild_id in self.absent_from:
            return []
        found = [
            member
            for member in guild.members.values()
            if (member.user_id in user_ids if user_ids else self.backend.users[member.user_id].name.startswith(query))
        ]
        return [dict(serializers.member_payload(self.backend, guild, member)) for member in found[: limit or None]]

    # ----------------------------------------------------------------- world

    def make_user(self, name: str, *, bot: bool = False) -> int:
        """Makes a person (or another bot) and returns the id."""
        return self.backend.make_user(name, bot=bot, global_name=name).id

    def user_name(self, user_id: int) -> str:
        return self.backend.users[user_id].name

    def make_guild(
        self, name: str, owner_id: int | None, *, with_bot: bool, shard: tuple[int, int] | None = None, locale: str
    ) -> int:
        """Makes a server with no channels and returns its id; `shard` is (id, count) that it shall belong to."""
        if shard is not None:
            guild_id = self.backend.snowflake_for_shard(*shard)
            self.backend._reserved_ids.discard(guild_id)
        else:
            guild_id = self.backend.snowflake()
            self.backend._reserved_ids.discard(guild_id)
        # it is announced when it is furnished: until then the bot is not there
        self.absent_from.add(guild_id)
        self.backend.create_guild(name, id=guild_id, owner_id=owner_id, preferred_locale=locale)
        if with_bot:
            # as a server in which the bot has been for long: a fresh one has no 'unavailable'
            self.absent_from.discard(guild_id)
            self.backend.emit("GUILD_CREATE", self.guild_create(guild_id))
        return guild_id

    def add_bot(self, guild_id: int) -> None:
        """Lets the bot join a server."""
        self.absent_from.discard(guild_id)
        joined = self.guild_create(guild_id)
        # that it is there at all marks a server that was known before
        del joined["unavailable"]
        self.backend.emit("GUILD_CREATE", joined)

    def remove_bot(self, guild_id: int) -> None:
        """Takes the bot out of a server, as a kick does."""
        if guild_id not in self.absent_from:
            self.absent_from.add(guild_id)
            self.backend.emit("GUILD_DELETE", {"id": str(guild_id)})

    def is_manager(self, user_id: int, guild_id: int) -> bool:
        """Returns whether a person may manage a server."""
        permissions = self.backend.compute_permissions(guild_id, user_id)
        return bool(permissions & discord.Permissions(manage_guild=True).value)

    def dismiss(self, user_id: int, channel_id: int, message_id: int) -> None:
        """Takes a private answer out of its reader's sight. Raises NotAllowed for any other message."""
        message = self.message(channel_id, message_id)
        if message is None or not message.is_ephemeral or not message.visible_to(user_id):
            raise NotAllowed("only one's own private answers can be dismissed")
        del self.backend.messages[channel_id][message_id]

    def make_channel(
        self, guild_id: int, name: str, kind: int, denied: Mapping[int, Sequence[str]], parent_id: int | None
    ) -> int:
        """Makes a channel and returns its id; `denied` maps a role's or a member's id to permissions taken there."""
        overwrites = [
            Overwrite(
                target,
                OverwriteType.ROLE if target in self.backend.guilds[guild_id].roles else OverwriteType.MEMBER,
                deny=_permissions(names),
            )
            for target, names in denied.items()
        ]
        return self.backend.create_channel(guild_id, name, type=kind, overwrites=overwrites, parent_id=parent_id).id

    def delete_channel(self, channel_id: int) -> None:
        """Deletes a channel."""
        self.backend.delete_channel(channel_id)

    def make_thread(self, channel_id: int, name: str, owner_id: int) -> int:
        """Makes a public thread in a channel and returns its id."""
        return self.backend.create_thread(channel_id, name, owner_id).id

    def make_role(self, guild_id: int, name: str, permissions: Sequence[str], *, mentionable: bool) -> int:
        """Makes a role and returns its id."""
        role = self.backend.create_role(guild_id, name, permissions=_permissions(permissions), mentionable=mentionable)
        return role.id

    def add_member(self, guild_id: int, user_id: int, roles: Sequence[int]) -> None:
        """Puts a person into a server, or adds roles to one who is there."""
        member = self.backend.guilds[guild_id].members.get(user_id)
        if member is None:
            self.backend.add_member(guild_id, user_id, roles=roles, announce=True)
        else:
            for role in roles:
                self.backend.add_member_role(guild_id, user_id, role)

    def take_bot_permissions(self, guild_id: int, names: Sequence[str]) -> None:
        """Takes server-wide permissions from the bot's own role there."""
        guild = self.backend.guilds[guild_id]
        taken = _permissions(names)
        for role_id in [guild_id, *guild.members[self.bot_id].role_ids]:
            role = guild.roles[role_id]
            if role.permissions & taken:
                self.backend.edit_role(guild_id, role_id, {"permissions": role.permissions & ~taken})

    def direct_channel(self, user_id: int) -> int:
        """Returns the id of the channel between a person and the bot."""
        return self.backend.get_dm_channel(user_id).id

    def private_channel(self, user_ids: Sequence[int]) -> int:
        """Makes a channel between people, in which the bot is not; returns its id."""
        channel = self.backend.create_channel(None, None, type=DIRECT_MESSAGE)
        channel.recipient_ids = list(user_ids)
        self.private_channels[channel.id] = frozenset(user_ids)
        return channel.id

    def channels(self, guild_id: int) -> list[tuple[int, str, int]]:
        """Returns (id, name, type) of a server's channels and threads."""
        guild = self.backend.guilds[guild_id]
        found = [self.backend.channels[channel_id] for channel_id in [*guild.channel_ids, *guild.thread_ids]]
        return [(channel.id, channel.name or "", channel.type) for channel in found]

    def guild_of(self, channel_id: int) -> int | None:
        """Returns the server of a channel; None for a direct message."""
        return self.backend.channels[channel_id].guild_id

    def members_of(self, guild_id: int) -> list[int]:
        """Returns the ids of all in a server, the bot among them if it is there."""
        absent = guild_id in self.absent_from
        return [who for who in self.backend.guilds[guild_id].members if not (absent and who == self.bot_id)]

    def roles_of(self, guild_id: int) -> list[tuple[int, str]]:
        """Returns (id, name) of a server's roles."""
        return [(role.id, role.name) for role in self.backend.guilds[guild_id].roles.values()]

    # -------------------------------------------------------------- messages

    def may_see(self, user_id: int, channel_id: int) -> bool:
        """Returns whether a person can open a channel."""
        if channel_id in self.private_channels:
            return user_id in self.private_channels[channel_id]
        return channel_accessible(self.backend, channel_id, user_id)

    def require(self, user_id: int, channel_id: int, *permissions: str) -> None:
        """Raises NotAllowed unless a person has these permissions in a channel."""
        if channel_id in self.private_channels:
            if user_id not in self.private_channels[channel_id]:
                raise NotAllowed("that channel is not this person's")
            return
        channel = self.backend.channels.get(channel_id)
        if channel is None:
            raise NotAllowed("there is no such channel")
        names = [
            "send_messages_in_threads" if name == "send_messages" and channel.is_thread else name
            for name in permissions
        ]
        try:
            self.backend.require_permissions(channel.guild_id, user_id, channel_id, *names)
        except BackendError as error:
            raise NotAllowed(f"{error.message}: {', '.join(names)}") from None

    def say(
        self, user_id: int, channel_id: int, text: str, reply_to: int | None, files: Sequence[tuple[str, bytes]]
    ) -> int:
        """Writes a person's message and returns its id."""
        self.require(user_id, channel_id, "send_messages")
        reference = None
        if reply_to is not None:
            reference = {"channel_id": str(channel_id), "message_id": str(reply_to)}
        attachments = self.backend.store_attachments(channel_id, files)
        try:
            message = self.backend.create_message(
                channel_id, user_id, text, reference=reference, attachments=attachments
            )
        except BackendError as error:
            raise NotAllowed(error.message) from None
        return message.id

    def forward(self, user_id: int, channel_id: int, message_id: int, from_channel: int) -> int:
        """Forwards a message as a person into another channel and returns the new one's id."""
        self.require(user_id, channel_id, "send_messages")
        reference = {"type": 1, "channel_id": str(from_channel), "message_id": str(message_id)}
        try:
            return self.backend.create_message(channel_id, user_id, "", reference=reference).id
        except BackendError as error:
            raise NotAllowed(error.message) from None

    def say_as_webhook(self, channel_id: int, name: str, text: str) -> int:
        """Writes a message as a webhook named `name` and returns its id."""
        user = self.backend.make_user(name, bot=True)
        return self.backend.create_message(
            channel_id, user.id, text, webhook_id=self.backend.snowflake(), author_name=name
        ).id

    def edit(self, message_id: int, channel_id: int, text: str) -> None:
        """Changes a person's own message."""
        self.backend.edit_message(channel_id, message_id, {"content": text})

    def delete(self, user_id: int, channel_id: int, message_id: int) -> None:
        """Deletes a message as a person: their own, or any with the permission to manage messages."""
        message = self.backend.get_message(channel_id, message_id)
        if message.author_id != user_id:
            self.require(user_id, channel_id, "manage_messages")
        self.backend.delete_message(channel_id, message_id)

    def message(self, channel_id: int, message_id: int) -> Message | None:
        """Returns a message as it is stored, or None."""
        return self.backend.messages.get(channel_id, {}).get(message_id)

    def messages_for(self, user_id: int, channel_id: int) -> list[dict[str, Any]]:
        """Returns the messages of a channel that this person sees, oldest first, as wire objects."""
        if not self.may_see(user_id, channel_id):
            raise NotAllowed("this person cannot see that channel")
        return [
            self.message_for(user_id, message)
            for message in sorted(self.backend.messages.get(channel_id, {}).values(), key=lambda each: each.id)
            if message.visible_to(user_id)
        ]

    def message_for(self, user_id: int, message: Message) -> dict[str, Any]:
        """Returns one message as this person's client gets it."""
        shown = as_sent(serializers.message_payload(self.backend, message, for_user=user_id), self.bot_id)
        return dict(shown)

    def visible(self, user_id: int, message: Message) -> bool:
        """Returns whether a person sees a message."""
        if message.channel_id in self.private_channels:
            return self.may_see(user_id, message.channel_id) and message.visible_to(user_id)
        return message_accessible(self.backend, message.channel_id, message, user_id)

    def pings(self, message: Message) -> list[str]:
        """Returns who is notified by a message: `user:ID`, `role:ID`, `everyone`."""
        pings = [f"user:{user_id}" for user_id in message.ping_user_ids if user_id != message.author_id]
        pings += [f"role:{role_id}" for role_id in message.ping_role_ids]
        return [*pings, "everyone"] if message.mention_everyone else pings

    @staticmethod
    def components(message: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Returns all components of a wire message or a form, nested ones too, in reading order."""
        return list(walk_components(message.get("components") or []))

    # ---------------------------------------------------------- interactions

    def commands_for(self, user_id: int, channel_id: int, kind: int = 1) -> list[dict[str, Any]]:
        """Returns the commands of a type (1 slash, 2 user, 3 message) that this person may use in a channel."""
        guild_id = self.guild_of(channel_id)
        found: dict[str, dict[str, Any]] = {}
        for scope in {guild_id, None}:
            for command in self.backend.commands.get(scope, {}).values():
                if int(command.get("type", 1)) == kind and self._owners(command, user_id, channel_id):
                    found.setdefault(command["name"], command)
        return sorted(found.values(), key=lambda command: str(command["name"]))

    def _owners(self, command: Mapping[str, Any], user_id: int, channel_id: int) -> dict[str, str]:
        """Returns by which installation(s) a person may use a command in a channel; empty: not at all."""
        guild_id = self.guild_of(channel_id)
        context = self._context(channel_id)
        contexts = command.get("contexts")
        integration_types = command.get("integration_types") or [0]
        if contexts is not None and context not in contexts:
            return {}
        owners: dict[str, str] = {}
        if 1 in integration_types and user_id in self.installed_for:
            owners[USER_INSTALL] = str(user_id)
        if 0 in integration_types:
            if guild_id is not None and guild_id not in self.absent_from:
                owners[GUILD_INSTALL] = str(guild_id)
            elif context == IN_BOT_DM:
                owners[GUILD_INSTALL] = "0"
        if owners and guild_id is not None:
            access = command_access(self.backend, {**command, "contexts": None}, user_id=user_id, channel_id=channel_id)
            if not access.allowed:
                return {}
        elif owners and contexts is None and command.get("dm_permission", True) is False:
            return {}
        return owners

    def _context(self, channel_id: int) -> int:
        if self.guild_of(channel_id) is not None:
            return IN_SERVER
        return IN_PRIVATE_CHANNEL if channel_id in self.private_channels else IN_BOT_DM

    def interact(
        self,
        kind: int,
        user_id: int,
        channel_id: int,
        data: dict[str, Any],
        *,
        command: Mapping[str, Any] | None = None,
        source: Message | None = None,
        locale: str = "en-US",
        owners: dict[str, str] | None = None,
    ) -> Interaction:
        """Sends INTERACTION_CREATE for something a person did, and returns the record of what becomes of it.

        `kind` is Discord's type (2 command, 3 component, 4 autocomplete, 5 form), `source` the message on which a
        component was used. Raises NotAllowed if the person cannot be there.
        """
        if not self.may_see(user_id, channel_id):
            raise NotAllowed("this person cannot see that channel")
        guild_id = self.guild_of(channel_id)
        record, payload = base_payload(
            self.backend, type=kind, channel_id=channel_id, guild_id=guild_id, user_id=user_id, data=data
        )
        # not by a slower clock: a bot that reads its own would find what people do ever older
        record.initial_response_deadline = self.backend.iso_after(ANSWER_SECONDS / self._pace)
        payload["context"] = self._context(channel_id)
        payload["locale"] = locale
        if owners is None:
            if command is not None:
                owners = self._owners(command, user_id, channel_id)
            elif source is not None and source.interaction_metadata is not None:
                owners = self.installation(int(source.interaction_metadata["id"]))
        if owners is None:
            owners = {GUILD_INSTALL: str(guild_id or 0)}
        payload["authorizing_integration_owners"] = owners
        if source is not None:
            payload["message"] = self.message_for(user_id, source)
            record.source_message_id = source.id
        if kind == 4:
            self._focused[record.id] = _focused_kind(data.get("options") or [])
        self._installations[record.id] = owners
        self.backend.emit("INTERACTION_CREATE", payload)
        return record

    def installation(self, interaction_id: int) -> dict[str, str]:
        """Returns through which installation an interaction came."""
        return self._installations.get(interaction_id, {})

    def resolve(self, kind: str, wanted: int, guild_id: int | None, user_id: int) -> dict[str, dict[str, Any]]:
        """Returns the `resolved` objects for one chosen `users`, `roles` or `channels` id."""
        if kind == "users":
            resolved: dict[str, dict[str, Any]] = {
                "users": {str(wanted): dict(serializers.user_payload(self.backend.get_user(wanted)))}
            }
            guild = self.backend.guilds.get(guild_id) if guild_id is not None else None
            if guild is not None and wanted in guild.members:
                member = serializers.member_payload(self.backend, guild, guild.members[wanted], with_user=False)
                resolved["members"] = {str(wanted): {**member, "permissions": "0"}}
            return resolved
        if guild_id is None:
            raise NotAllowed(f"there are no {kind} in a direct message")
        if kind == "roles":
            return {"roles": {str(wanted): dict(serializers.role_payload(self.backend.get_role(guild_id, wanted)))}}
        channel = dict(serializers.channel_payload(self.backend, self.backend.get_channel(wanted)))
        channel["permissions"] = str(self.backend.compute_permissions(guild_id, user_id, wanted))
        return {"channels": {str(wanted): channel}}

    def resolved_message(self, message: Message) -> dict[str, dict[str, Any]]:
        """Returns the `resolved` objects for the message that a message command was used on."""
        return {"messages": {str(message.id): as_sent(serializers.message_payload(self.backend, message), self.bot_id)}}

    def keep_upload(self, channel_id: int, filename: str, data: bytes) -> dict[str, Any]:
        """Stores a file that a person gives to a command or a form; returns its attachment object."""
        return dict(self.backend.store_attachments(channel_id, [(filename, data)])[0])


class _Forgetful(list[Any]):
    """simcord keeps every call and event for ever; the wire keeps its own, bounded record."""

    def append(self, item: Any) -> None:
        return


def _permissions(names: Sequence[str]) -> int:
    return discord.Permissions(**dict.fromkeys(names, True)).value


def _focused_kind(options: Sequence[Mapping[str, Any]]) -> int:
    for option in options:
        if option.get("focused"):
            return int(option["type"])
        if option.get("options"):
            return _focused_kind(option["options"])
    return 3
