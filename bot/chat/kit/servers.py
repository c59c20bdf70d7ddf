"""What is kept of the servers that we are in: ids. The one place that builds on discord.py's inside.

discord.py keeps each server with all its channels, roles and threads: some 44 KB, of which we need a few ids. So the
gateway's data are looked at before objects are made of them, and a server is made of what is kept when somebody asks
for it. Whether we may write in a channel, Discord says when we try; what a command may do comes with the command.

The names with an underscore are discord.py's own: `tests/chat/test_servers_kept.py` holds what we take for granted.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import discord
from discord.state import AutoShardedConnectionState

LOCALE = "en-US"
"""Discord's own default."""
_HEARD = frozenset(
    (
        "READY", "RESUMED", "USER_UPDATE", "INTERACTION_CREATE", "MESSAGE_CREATE",
        "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_ROLE_CREATE", "GUILD_ROLE_DELETE",
        "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "GUILD_ROLE_UPDATE", "GUILD_MEMBER_UPDATE",
        "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC",
    )
)  # fmt: skip
"""The events of which anything is made; all others end as soon as they are read."""

Payload = Mapping[str, Any]
"""What Discord sends of something."""


class Known:
    """What is kept of one server."""

    __slots__ = ("channels", "locale", "role", "threads")

    def __init__(self) -> None:
        self.locale = LOCALE
        self.role = 0
        """The role that Discord made for us there; 0: none."""
        self.channels = array("Q")
        self.threads = array("Q")
        """Each open thread, followed by the channel that it belongs to."""

    def note(self, data: Payload, self_id: int | None) -> None:
        """Takes over what a server's data hold of it."""
        self.locale = sys.intern(str(data.get("preferred_locale") or self.locale))
        if "roles" in data:
            self.role = next((int(role["id"]) for role in data["roles"] if _is_ours(role, self_id)), 0)
        if "channels" in data:
            self.channels = array("Q", [int(each["id"]) for each in data["channels"]])
        if "threads" in data:
            self.threads = array("Q", [number for each in data["threads"] for number in _ids_of(each)])

    def has(self, channel_id: int) -> bool:
        """Returns whether the server has a channel, or an open thread, of this id."""
        return channel_id in self.channels or channel_id in self.threads[::2]

    def parent_of(self, channel_id: int) -> int | None:
        """Returns the channel to which a thread belongs; None for what is no thread."""
        threads = self.threads
        return next((threads[at + 1] for at in range(0, len(threads), 2) if threads[at] == channel_id), None)

    def keep_threads(self, kept: Callable[[int, int], bool], more: Iterable[Payload] = ()) -> None:
        """Lets go of the threads of which `kept` (of their ids, and their channels') is false, and takes in `more`."""
        pairs = [(self.threads[at], self.threads[at + 1]) for at in range(0, len(self.threads), 2)]
        held = {thread: parent for thread, parent in pairs if kept(thread, parent)}
        held |= dict(_ids_of(each) for each in more)
        self.threads = array("Q", [number for pair in held.items() for number in pair])


def _ids_of(thread: Payload) -> tuple[int, int]:
    return int(thread["id"]), int(thread["parent_id"])


def _is_ours(role: Payload, self_id: int | None) -> bool:
    return (role.get("tags") or {}).get("bot_id") in (self_id, str(self_id))


class Server(discord.Guild):
    """A server as it is made anew whenever it is asked for: its id, its language and our own role."""

    __slots__ = ("_known",)

    def __init__(self, state: State, guild_id: int, known: Known) -> None:
        roles = [{"id": known.role, "name": "", "tags": {"bot_id": state.self_id}}] if known.role else []
        data: Any = {"id": guild_id, "preferred_locale": known.locale, "roles": roles}
        super().__init__(data=data, state=state)
        self._known = known

    def has(self, channel_id: int) -> bool:
        """Returns whether the server has a channel, or an open thread, of this id."""
        return self._known.has(channel_id)


class Place(discord.PartialMessageable):
    """The channel of a message: its id, and for a thread the channel that it belongs to."""

    def __init__(self, state: State, channel_id: int, server: discord.Guild, parent_id: int | None) -> None:
        super().__init__(state=state, id=channel_id, guild_id=server.id)
        self._server = server
        self.parent_id = parent_id

    @property
    def guild(self) -> discord.Guild:
        """The server."""
        return self._server


class Servers(MutableMapping[int, discord.Guild]):
    """All servers by their ids, in the place of discord.py's own: what is put in leaves its id, and none is held."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[int, Known | None] = {}

    def __getitem__(self, guild_id: int) -> discord.Guild:
        return Server(self._state, guild_id, self._known[guild_id] or Known())

    def __setitem__(self, guild_id: int, _: discord.Guild) -> None:
        self._known.setdefault(guild_id, None)

    def __delitem__(self, guild_id: int) -> None:
        del self._known[guild_id]

    def __contains__(self, guild_id: object) -> bool:
        return guild_id in self._known

    def __iter__(self) -> Iterator[int]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def known(self, guild_id: int) -> Known | None:
        """Returns what is kept of a server; None where we are not, or where nothing was told yet."""
        return self._known.get(guild_id)

    def note(self, data: Payload, self_id: int | None) -> None:
        """Takes over what a server's data hold of it."""
        known = self._known.get(int(data["id"])) or Known()
        known.note(data, self_id)
        self._known[int(data["id"])] = known


class State(AutoShardedConnectionState[Any]):
    """discord.py's memory of what Discord told, without what we do not need.

    `look` is asked of each message's data before an object is made of them: False drops it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.look: Callable[[Payload], bool] = lambda _: True
        for event in self.parsers.keys() - _HEARD:
            del self.parsers[event]

    def clear(self, *, views: bool = True) -> None:
        super().clear(views=views)
        self.servers = Servers(self)
        self._guilds = self.servers  # type: ignore[assignment]  # any mapping does

    # ---------------------------------------------------------------- servers

    def parse_guild_create(self, data: Any) -> None:
        """Notes a server; whoever hears that we joined it has all its channels and roles, for as long as they do."""
        if data.get("unavailable") is True:
            return
        guild_id = int(data["id"])
        starting = (guild_id >> 22) % (self.shard_count or 1) in self._ready_states
        joined = data.get("unavailable") is not False and not starting
        self.servers.note(data, self.self_id)
        slim = {"id": data["id"], **({"unavailable": False} if "unavailable" in data else {})}
        super().parse_guild_create(data if joined else slim)

    def parse_guild_update(self, data: Any) -> None:
        if int(data["id"]) in self.servers:
            self.servers.note(data, self.self_id)

    def parse_guild_role_create(self, data: Any) -> None:
        known = self._known(data)
        if known is not None and _is_ours(data["role"], self.self_id):
            known.role = int(data["role"]["id"])

    def parse_guild_role_delete(self, data: Any) -> None:
        known = self._known(data)
        if known is not None and known.role == int(data["role_id"]):
            known.role = 0

    def _known(self, data: Payload) -> Known | None:
        return self.servers.known(int(data["guild_id"])) if data.get("guild_id") else None

    # --------------------------------------------------- channels and threads

    def parse_channel_create(self, data: Any) -> None:
        known = self._known(data)
        if known is not None and int(data["id"]) not in known.channels:
            known.channels.append(int(data["id"]))

    def parse_channel_update(self, data: Any) -> None:
        """Tells that permissions may be others there now: nothing is kept of them."""
        self._dispatch_permissions(data)

    def parse_guild_role_update(self, data: Any) -> None:
        self._dispatch_permissions(data)

    def parse_guild_member_update(self, data: Any) -> None:
        if int(data["user"]["id"]) == self.self_id:
            self._dispatch_permissions(data)

    def _dispatch_permissions(self, data: Payload) -> None:
        if data.get("guild_id") is not None:
            self.dispatch("permissions", int(data["guild_id"]))

    def parse_channel_delete(self, data: Any) -> None:
        known, gone = self._known(data), int(data["id"])
        if known is not None:
            known.channels = array("Q", [each for each in known.channels if each != gone])
            known.keep_threads(lambda _, parent: parent != gone)

    def parse_thread_create(self, data: Any) -> None:
        known = self._known(data)
        if known is not None:
            known.keep_threads(lambda *_: True, [data])

    def parse_thread_update(self, data: Any) -> None:
        known, thread = self._known(data), int(data["id"])
        if known is not None:
            archived = (data.get("thread_metadata") or {}).get("archived")
            known.keep_threads(lambda each, _: each != thread, [] if archived else [data])

    def parse_thread_delete(self, data: Any) -> None:
        known, thread = self._known(data), int(data["id"])
        if known is not None:
            known.keep_threads(lambda each, _: each != thread)

    def parse_thread_list_sync(self, data: Any) -> None:
        known = self._known(data)
        if known is not None:
            synced = {int(each) for each in data.get("channel_ids") or known.channels}
            known.keep_threads(lambda _, parent: parent not in synced, data["threads"])

    # --------------------------------------------------------------- messages

    def parse_message_create(self, data: Any) -> None:
        """Makes a message of its data, if it is looked for."""
        if self.look(data):
            super().parse_message_create(data)

    def _get_guild_channel(self, data: Any, guild_id: int | None = None) -> Any:
        server_id = guild_id or int(data.get("guild_id") or 0)
        server = self._get_guild(server_id)
        if server is None:
            return super()._get_guild_channel(data, guild_id)
        channel_id, known = int(data["channel_id"]), self.servers.known(server_id)
        return Place(self, channel_id, server, known.parent_of(channel_id) if known is not None else None), server


def has_channel(guild: discord.Guild | None, channel_id: int) -> bool:
    """Returns whether a server that we are in has a channel, or an open thread, of this id."""
    return isinstance(guild, Server) and guild.has(channel_id)


def role_ids(member: discord.Member) -> frozenset[int]:
    """Returns the ids of a member's roles: discord.py names only those roles that it keeps."""
    return frozenset(member._roles)
