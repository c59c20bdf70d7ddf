"""People: they write, type, run commands, press buttons, and see only what their own client would show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simcord.backend.models import Interaction, Message
from simcord.backend.models.interaction import ResponseKind

from bot.local.engine import ANSWER_SECONDS, Engine
from bot.local.errors import NotAllowed, NotAnswered
from bot.local.views import (
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    FILE_UPLOAD,
    LINK,
    MENUS,
    RADIO_GROUP,
    STRING_MENU,
    TEXT_INPUT,
    Form,
    Seen,
)
from bot.local.wire import as_sent
from bot.local.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
SLASH, USER_COMMAND, MESSAGE_COMMAND = 1, 2, 3
_RESOLVED = {6: "users", 7: "channels", 8: "roles"}
_MENU_RESOLVED = {5: "users", 6: "roles", 8: "channels"}
_MENTIONABLE = 7


class Channel:
    """A channel, a thread or a direct message."""

    def __init__(self, discord: World, channel_id: int) -> None:
        self._discord = discord
        self.id = channel_id

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def server_id(self) -> int | None:
        """The server it belongs to; None for a direct message."""
        return self._discord.engine.guild_of(self.id)

    def thread(self, name: str, owner: Person) -> Channel:
        """Opens a public thread here."""
        return Channel(self._discord, self._discord.engine.make_thread(self.id, name, owner.id))

    def delete(self) -> None:
        """Deletes it."""
        self._discord.engine.delete_channel(self.id)

    def posted(self) -> list[Seen]:
        """Returns the messages of the bot that everybody here can see, oldest first."""
        engine = self._discord.engine
        return [
            self._discord.seen(engine.bot_id, message)
            for message in sorted(engine.backend.messages.get(self.id, {}).values(), key=lambda each: each.id)
            if message.author_id == engine.bot_id and not message.is_ephemeral
        ]

    async def next_post(self, after: int = 0, seconds: float = 10.0) -> Seen:
        """Waits until the bot has posted more than `after` public messages here; returns the newest.

        Raises NotAnswered after so many `seconds`.
        """
        return await self._discord.until(
            lambda: posts[-1] if len(posts := self.posted()) > after else None,
            seconds,
            f"the bot posted {after} messages, and no more",
        )


class Role:
    """A role of a server."""

    def __init__(self, role_id: int) -> None:
        self.id = role_id

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


class Server:
    """A server (a guild, on the wire)."""

    def __init__(self, discord: World, guild_id: int) -> None:
        self._discord = discord
        self.id = guild_id

    def channel(
        self, name: str, *, kind: int = 0, denied: Mapping[Person | Role | Server, Sequence[str]] | None = None
    ) -> Channel:
        """Makes a channel. `denied`: permissions taken from a person, a role or (the server itself) everybody there."""
        taken = {target.id: names for target, names in (denied or {}).items()}
        return Channel(self._discord, self._discord.engine.make_channel(self.id, name, kind, taken, None))

    def role(self, name: str, *permissions: str, mentionable: bool = False) -> Role:
        """Makes a role with these permissions."""
        return Role(self._discord.engine.make_role(self.id, name, permissions, mentionable=mentionable))

    def join(self, person: Person, *roles: Role) -> Person:
        """Lets a person join, or gives roles to one who did; returns the person."""
        self._discord.engine.add_member(self.id, person.id, [role.id for role in roles])
        return person

    def member(self, name: str, *permissions: str) -> Person:
        """Makes a person who joins, with a role of these permissions if there are any."""
        person = Person(self._discord, self._discord.engine.make_user(name))
        return self.join(person, *([self.role(f"{name}'s role", *permissions)] if permissions else []))

    def kick_bot(self) -> None:
        """Takes the bot out."""
        self._discord.engine.remove_bot(self.id)

    def add_bot(self) -> None:
        """Lets the bot join (again)."""
        self._discord.engine.add_bot(self.id)


class Answer:
    """What became of something that a person did: a message, a form, suggestions, or nothing."""

    def __init__(self, discord: World, person: Person, record: Interaction) -> None:
        self._discord = discord
        self._person = person
        self._record = record

    @property
    def id(self) -> int:
        return self._record.id

    @property
    def token(self) -> str:
        return self._record.token

    @property
    def responded(self) -> bool:
        """Whether the bot has reacted at all."""
        return self._record.responded

    @property
    def kind(self) -> str | None:
        """How it reacted: message, deferred, deferred_update, update, modal, autocomplete; None: not yet."""
        return None if self._record.response_kind is None else str(self._record.response_kind.value)

    @property
    def done(self) -> bool:
        """Whether it has reacted, and is no longer thinking."""
        return self._record.responded and not self._record.loading

    def _find(self, message_id: int | None) -> Seen | None:
        if message_id is None:
            return None
        message = self._discord.engine.message(self._record.channel_id, message_id)
        if message is None or not self._discord.engine.visible(self._person.id, message):
            return None
        return self._discord.seen(self._person.id, message)

    @property
    def message(self) -> Seen | None:
        """The answer's message as this person sees it now; for a button that changed its message, that message."""
        return self._find(self._record.message_id)

    @property
    def seen(self) -> Seen:
        """The answer's message; raises NotAnswered if there is none."""
        message = self.message
        if message is None:
            raise NotAnswered("there is no message to see")
        return message

    @property
    def text(self) -> str:
        """The words of the answer's message."""
        return self.seen.text

    @property
    def private(self) -> bool:
        """Whether only this person sees it."""
        return self.seen.private

    @property
    def followups(self) -> list[Seen]:
        """Further messages, as far as this person sees them."""
        return [seen for each in self._record.followup_ids if (seen := self._find(each)) is not None]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The suggestions that were offered while typing, `{"name", "value"}`."""
        return list(self._record.autocomplete_choices or [])

    @property
    def form(self) -> Form | None:
        """The form that was opened."""
        modal = self._record.modal
        if modal is None:
            return None
        modal = as_sent(modal, self._discord.engine.bot_id)
        return Form(modal["custom_id"], modal["title"], modal, tuple(Engine.components(modal)))

    async def followup(self, after: int = 0, seconds: float = 10.0) -> Seen:
        """Waits for more than `after` further messages and returns the newest."""
        return await self._discord.until(
            lambda: more[-1] if len(more := self.followups) > after else None, seconds, "no further message came"
        )


class Person:
    """Somebody with a Discord account."""

    def __init__(self, discord: World, user_id: int, locale: str = "en-US") -> None:
        self._discord = discord
        self.id = user_id
        self.locale = locale

    @property
    def _engine(self) -> Engine:
        return self._discord.engine

    @property
    def name(self) -> str:
        return self._engine.user_name(self.id)

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def direct(self) -> Channel:
        """The channel between this person and the bot."""
        return Channel(self._discord, self._engine.direct_channel(self.id))

    def install(self) -> None:
        """Installs the app for this person: its commands then work for them everywhere."""
        self._engine.installed_for.add(self.id)

    def take_no_direct_messages(self) -> None:
        """Lets nobody but friends write to this person directly, and the bot is none."""
        self._engine.closed.add(self.id)

    # ------------------------------------------------------------- messages

    async def say(
        self, channel: Channel, text: str, *, reply_to: Seen | None = None, files: Sequence[tuple[str, bytes]] = ()
    ) -> Seen:
        """Writes a message and returns it. Raises NotAllowed where this person may not write."""
        message_id = self._engine.say(self.id, channel.id, text, reply_to.id if reply_to else None, files)
        return self._see(channel.id, message_id)

    async def forward(self, message: Seen, channel: Channel) -> Seen:
        """Forwards a message into another channel and returns what stands there. Raises NotAllowed."""
        return self._see(channel.id, self._engine.forward(self.id, channel.id, message.id, message.channel_id))

    async def edit(self, message: Seen, text: str) -> None:
        """Changes a message of one's own."""
        if message.author_id != self.id:
            raise NotAllowed("only one's own messages can be changed")
        self._engine.edit(message.id, message.channel_id, text)

    async def delete(self, message: Seen) -> None:
        """Deletes a message, where one may."""
        self._engine.delete(self.id, message.channel_id, message.id)

    def sees(self, channel: Channel) -> list[Seen]:
        """Returns all messages of a channel that this person sees, oldest first."""
        return [self._see(channel.id, int(raw["id"])) for raw in self._engine.messages_for(self.id, channel.id)]

    def find(self, channel: Channel, message_id: int) -> Seen:
        """Returns a message of a channel. Raises NotAllowed if this person does not see it."""
        stored = self._engine.message(channel.id, message_id)
        if stored is None or not self._engine.visible(self.id, stored):
            raise NotAllowed("this person does not see that message")
        return self._discord.seen(self.id, stored)

    def look(self, message: Seen) -> Seen | None:
        """Returns a message as it is now for this person; None: deleted, or never theirs to see."""
        stored = self._engine.message(message.channel_id, message.id)
        return (
            None if stored is None or not self._engine.visible(self.id, stored) else self._discord.seen(self.id, stored)
        )

    def _see(self, channel_id: int, message_id: int) -> Seen:
        stored = self._engine.message(channel_id, message_id)
        assert stored is not None
        return self._discord.seen(self.id, stored)

    def _stored(self, message: Seen) -> Message:
        stored = self._engine.message(message.channel_id, message.id)
        if stored is None or not self._engine.visible(self.id, stored):
            raise NotAllowed("this person does not see that message")
        return stored

    # ------------------------------------------------------------- commands

    def commands(self, channel: Channel, kind: int = SLASH) -> list[str]:
        """Returns the full names of the commands that this person is offered in a channel."""
        found: list[str] = []
        for command in self._engine.commands_for(self.id, channel.id, kind):
            leaves = _leaves(command, ())
            found += [" ".join(path) for path, _ in leaves]
        return found

    def _command(self, channel: Channel, name: str, kind: int) -> dict[str, Any]:
        wanted = name if kind != SLASH else name.split()[0]
        for command in self._engine.commands_for(self.id, channel.id, kind):
            if command["name"] == wanted:
                return command
        raise NotAllowed(f"'{name}' is not offered to this person here")

    def _command_data(
        self, channel: Channel, name: str, options: Mapping[str, Any], focused: tuple[str, str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        command = self._command(channel, name, SLASH)
        leaves = {" ".join(path): (path, leaf) for path, leaf in _leaves(command, ())}
        if name not in leaves:
            raise NotAllowed(f"there is no command '{name}'; there are {sorted(leaves)}")
        path, leaf = leaves[name]
        declared = {option["name"]: option for option in leaf.get("options") or []}
        built: list[dict[str, Any]] = []
        resolved: dict[str, dict[str, Any]] = {}
        for key, value in options.items():
            if key not in declared:
                raise NotAllowed(f"'{name}' has no option '{key}'")
            built.append(self._option(declared[key], value, channel, resolved))
        if focused is not None:
            option = declared.get(focused[0])
            if option is None or not option.get("autocomplete"):
                raise NotAllowed(f"'{name}' suggests nothing for '{focused[0]}'")
            built.append({"name": focused[0], "type": option["type"], "value": focused[1], "focused": True})
        else:
            missing = [key for key, option in declared.items() if option.get("required") and key not in options]
            if missing:
                raise NotAllowed(f"'{name}' needs {missing}")
        node: list[dict[str, Any]] = built
        for depth in range(len(path) - 1, 0, -1):
            node = [{"name": path[depth], "type": _type_at(command, path[1 : depth + 1]), "options": node}]
        data: dict[str, Any] = {"id": command["id"], "name": command["name"], "type": SLASH, "options": node}
        if resolved:
            data["resolved"] = resolved
        return command, data

    def _option(
        self, option: Mapping[str, Any], value: Any, channel: Channel, resolved: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        kind = int(option["type"])
        built: dict[str, Any] = {"name": option["name"], "type": kind, "value": value}
        if kind == 3:
            if not isinstance(value, str) or not option.get("min_length", 0) <= len(value) <= option.get(
                "max_length", 6000
            ):
                raise NotAllowed(f"'{option['name']}' cannot hold that text")
            allowed = [choice["value"] for choice in option.get("choices") or []]
            if allowed and value not in allowed:
                raise NotAllowed(f"'{option['name']}' is one of {allowed}")
        elif kind in _RESOLVED:
            built["value"] = str(value.id)
            for group, objects in self._engine.resolve(_RESOLVED[kind], value.id, channel.server_id, self.id).items():
                resolved.setdefault(group, {}).update(objects)
        elif kind == 11:
            attachment = self._engine.keep_upload(channel.id, *value)
            built["value"] = attachment["id"]
            resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        return built

    async def run(self, channel: Channel, command: str, /, *, wait: bool = True, **options: Any) -> Answer:
        """Runs a slash command (`etiquette ask`) with options, and waits for the bot's answer.

        Raises NotAllowed if this person is not offered it here, and NotAnswered if the bot does not react in 3 s or
        does not end its thinking in 10 s; with `wait=False` returns at once.
        """
        found, data = self._command_data(channel, command.lstrip("/"), options)
        record = self._engine.interact(COMMAND, self.id, channel.id, data, command=found, locale=self.locale)
        return await self._answer(record, wait=wait)

    async def type(self, channel: Channel, command: str, option: str, text: str, /, **options: Any) -> list[str]:
        """Types `text` into an option that suggests; returns the values offered, best first."""
        return [str(choice["value"]) for choice in await self.suggestions(channel, command, option, text, **options)]

    async def suggestions(
        self, channel: Channel, command: str, option: str, text: str, /, **options: Any
    ) -> list[dict[str, Any]]:
        """The same, as `{"name", "value"}`."""
        found, data = self._command_data(channel, command.lstrip("/"), options, (option, text))
        record = self._engine.interact(AUTOCOMPLETE, self.id, channel.id, data, command=found, locale=self.locale)
        answer = await self._answer(record, wait=True)
        return answer.choices

    async def use_on(self, message: Seen, command: str, *, wait: bool = True) -> Answer:
        """Uses a command of a message's context menu."""
        stored = self._stored(message)
        channel = Channel(self._discord, message.channel_id)
        found = self._command(channel, command, MESSAGE_COMMAND)
        data = {
            "id": found["id"],
            "name": found["name"],
            "type": MESSAGE_COMMAND,
            "target_id": str(message.id),
            "resolved": self._engine.resolved_message(stored),
        }
        record = self._engine.interact(COMMAND, self.id, channel.id, data, command=found, locale=self.locale)
        return await self._answer(record, wait=wait)

    # ----------------------------------------------------------- components

    async def press(
        self, message: Seen, label: str | None = None, *, custom_id: str | None = None, wait: bool = True
    ) -> Answer:
        """Presses a button that is on a message, found by its label or its custom id."""
        stored = self._stored(message)
        for each in self._engine.components({"components": stored.components}):
            if each.get("type") == BUTTON and (
                each.get("custom_id") == custom_id if custom_id is not None else each.get("label") == label
            ):
                if each.get("disabled") or each.get("style") == LINK:
                    raise NotAllowed(f"the button '{label or custom_id}' cannot be pressed")
                data = {"custom_id": each["custom_id"], "component_type": BUTTON, "id": each.get("id", 0)}
                record = self._engine.interact(
                    COMPONENT, self.id, message.channel_id, data, source=stored, locale=self.locale
                )
                return await self._answer(record, wait=wait)
        raise NotAllowed(
            f"there is no button '{label or custom_id}', only {self._discord.seen(self.id, stored).labels}"
        )

    async def choose(self, message: Seen, *values: Any, custom_id: str | None = None, wait: bool = True) -> Answer:
        """Chooses in a menu of a message: labels or values of options, or people, roles, channels."""
        stored = self._stored(message)
        menus = [
            each
            for each in self._engine.components({"components": stored.components})
            if each.get("type") in MENUS and custom_id in (None, each["custom_id"])
        ]
        if len(menus) != 1:
            raise NotAllowed(f"there are {len(menus)} such menus")
        menu = menus[0]
        chosen, resolved = self._chosen(menu, values, message.channel_id)
        data: dict[str, Any] = {
            "custom_id": menu["custom_id"],
            "component_type": menu["type"],
            "id": menu.get("id", 0),
            "values": chosen,
        }
        if resolved:
            data["resolved"] = resolved
        record = self._engine.interact(COMPONENT, self.id, message.channel_id, data, source=stored, locale=self.locale)
        return await self._answer(record, wait=wait)

    def _chosen(
        self, menu: Mapping[str, Any], values: Sequence[Any], channel_id: int
    ) -> tuple[list[str], dict[str, dict[str, Any]]]:
        if menu.get("disabled"):
            raise NotAllowed("the menu is disabled")
        least, most = menu.get("min_values", 1), menu.get("max_values", 1)
        if not least <= len(values) <= most:
            raise NotAllowed(f"{least} to {most} can be chosen")
        resolved: dict[str, dict[str, Any]] = {}
        if menu["type"] == STRING_MENU:
            by_label = {option["label"]: option["value"] for option in menu["options"]}
            unknown = [value for value in values if value not in by_label and value not in by_label.values()]
            if unknown:
                raise NotAllowed(f"there is no option {unknown}, only {list(by_label)}")
            return [by_label.get(value, value) for value in values], resolved
        for value in values:
            server_id = self._engine.guild_of(channel_id)
            if menu["type"] == _MENTIONABLE:
                roles = [role for role, _ in self._engine.roles_of(server_id)] if server_id is not None else []
                kind = "roles" if value.id in roles else "users"
            else:
                kind = _MENU_RESOLVED[menu["type"]]
            found = self._engine.resolve(kind, value.id, server_id, self.id)
            for group, objects in found.items():
                resolved.setdefault(group, {}).update(objects)
        return [str(value.id) for value in values], resolved

    async def submit(self, answer: Answer, /, *, wait: bool = True, **values: Any) -> Answer:
        """Fills in the form that an answer opened and sends it; a field not given keeps what the form held.

        A text takes a string, a checkbox a bool, an upload a list of (name, bytes), all others a value or a list.
        Raises NotAllowed for what the form would not let through.
        """
        form = answer.form
        if form is None or answer._record.modal_consumed:
            raise NotAllowed("there is no open form")
        record = answer._record
        unknown = set(values) - set(form.fields)
        if unknown:
            raise NotAllowed(f"the form has no field {sorted(unknown)}, only {sorted(form.fields)}")
        resolved: dict[str, dict[str, Any]] = {}
        components = [self._field(each, values, record.channel_id, resolved) for each in form.raw["components"]]
        data: dict[str, Any] = {
            "custom_id": form.custom_id,
            "components": [component for component in components if component is not None],
        }
        if resolved:
            data["resolved"] = resolved
        record.modal_consumed = True
        source = None
        if record.source_message_id is not None:
            source = self._engine.message(record.channel_id, record.source_message_id)
        sent = self._engine.interact(
            SUBMIT, self.id, record.channel_id, data, source=source, locale=self.locale,
            owners=self._engine.installation(record.id),
        )  # fmt: skip
        return await self._answer(sent, wait=wait)

    def _field(
        self,
        component: Mapping[str, Any],
        values: Mapping[str, Any],
        channel_id: int,
        resolved: dict[str, dict[str, Any]],
    ) -> dict[str, Any] | None:
        kind = component["type"]
        if kind == 1:
            inner = [self._field(each, values, channel_id, resolved) for each in component["components"]]
            return {"type": 1, "components": inner}
        if kind == 18:
            return {"type": 18, "component": self._field(component["component"], values, channel_id, resolved)}
        if kind == TEXT_INPUT:
            name = component["custom_id"]
            text = values.get(name, component.get("value") or "")
            needed = component.get("required", True)
            least = component.get("min_length") or 0
            if (needed and not text) or (text and not least <= len(text) <= (component.get("max_length") or 4000)):
                raise NotAllowed(f"'{name}' cannot hold {len(text)} characters")
            return {"type": TEXT_INPUT, "custom_id": name, "value": text}
        if kind in MENUS:
            name = component["custom_id"]
            default = [option["value"] for option in component.get("options") or [] if option.get("default")]
            given = values.get(name, default)
            chosen: list[str] = []
            if given or component.get("required", True):
                chosen, found = self._chosen(
                    component, given if isinstance(given, list | tuple) else [given], channel_id
                )
                for group, objects in found.items():
                    resolved.setdefault(group, {}).update(objects)
            return {"type": kind, "custom_id": name, "values": chosen}
        if kind in (RADIO_GROUP, CHECKBOX_GROUP):
            return self._ticked(component, values)
        if kind == CHECKBOX:
            name = component["custom_id"]
            ticked = bool(values.get(name, component.get("default", False)))
            return {"type": kind, "id": component.get("id", 0), "custom_id": name, "value": ticked}
        if kind == FILE_UPLOAD:
            return self._uploaded(component, values, channel_id, resolved)
        return None

    def _ticked(self, component: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what is sent for radio buttons and for a group of checkboxes."""
        name, options = component["custom_id"], component.get("options") or []
        default = [option["value"] for option in options if option.get("default")]
        given = values.get(name, default)
        chosen = [str(value) for value in (given if isinstance(given, list | tuple) else [given])]
        unknown = set(chosen) - {option["value"] for option in options}
        if unknown:
            raise NotAllowed(f"'{name}' has no option {sorted(unknown)}")
        single = component["type"] == RADIO_GROUP
        _check_count(component, len(chosen), 1 if single else len(options))
        answer = {"type": component["type"], "id": component.get("id", 0), "custom_id": name}
        return {**answer, "value": chosen[0] if chosen else None} if single else {**answer, "values": chosen}

    def _uploaded(
        self,
        component: Mapping[str, Any],
        values: Mapping[str, Any],
        channel_id: int,
        resolved: dict[str, dict[str, Any]],
    ) -> dict[str, Any]:
        name = component["custom_id"]
        files = values.get(name, [])
        _check_count(component, len(files), 1)
        kept = [self._engine.keep_upload(channel_id, *file) for file in files]
        for attachment in kept:
            resolved.setdefault("attachments", {})[attachment["id"]] = attachment
        return {"type": FILE_UPLOAD, "custom_id": name, "values": [attachment["id"] for attachment in kept]}

    async def _answer(self, record: Interaction, *, wait: bool) -> Answer:
        answer = Answer(self._discord, self, record)
        if wait:
            await self._discord.until(
                lambda: record.responded or None,
                ANSWER_SECONDS,
                "The application did not respond (nothing within 3 seconds)",
            )
            await self._discord.until(
                lambda: None if record.response_kind is ResponseKind.DEFERRED else True,
                10.0,
                "The application is still thinking",
            )
        return answer


def _check_count(component: Mapping[str, Any], count: int, most: int) -> None:
    """Raises NotAllowed for too few or too many; `most`: how many there may be where the component does not say."""
    least = component.get("min_values")
    most = component.get("max_values") or most
    needed = component.get("required", True)
    if (needed and not count) or (count and not (1 if least is None else least) <= count <= most):
        raise NotAllowed(f"'{component['custom_id']}' takes {1 if least is None else least} to {most}, not {count}")


def _leaves(node: Mapping[str, Any], path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Returns (path, command) of each command below `node` that can be run."""
    here = (*path, str(node["name"]))
    nested = [option for option in node.get("options") or [] if option.get("type") in (1, 2)]
    if not nested:
        return [(here, node)]
    return [leaf for option in nested for leaf in _leaves(option, here)]


def _type_at(command: Mapping[str, Any], path: Sequence[str]) -> int:
    node: Mapping[str, Any] = command
    for name in path:
        node = next(option for option in node["options"] if option["name"] == name)
    return int(node["type"])
