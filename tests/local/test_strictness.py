"""What Discord refuses is refused here, with its own status and code. Raw calls, where no client would send it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import discord as library
import pytest
import yarl

from bot.local import Channel, LocalDiscord, NotAnswered, Person, Server
from bot.local.engine import ANSWER_SECONDS
from tests.local.conftest import Bare, Connect


class Raw:
    """Calls the REST API without a client."""

    def __init__(self, discord: LocalDiscord, session: aiohttp.ClientSession) -> None:
        self.discord = discord
        self.session = session
        self.headers: dict[str, str] = {}

    async def __call__(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, int]:
        """Returns the HTTP status and Discord's code (0 if there is none)."""
        authorization = {"Authorization": f"Bot {token or self.discord.token}"}
        url = self.discord.api_url + path
        async with self.session.request(method, url, json=body, headers=authorization) as response:
            self.headers = dict(response.headers)
            text = await response.text()
            data = json.loads(text) if text else {}
            return response.status, int(data.get("code", 0)) if isinstance(data, dict) else 0


@pytest.fixture
async def raw(discord: LocalDiscord) -> AsyncIterator[Raw]:
    """The REST API."""
    async with aiohttp.ClientSession() as session:
        yield Raw(discord, session)


@pytest.fixture
def place(discord: LocalDiscord) -> tuple[Server, Channel, Person]:
    """A server, a channel in it and a member."""
    server = discord.server()
    return server, server.channel("general"), server.member("asker")


def button(custom_id: str, **more: Any) -> dict[str, Any]:
    """A button on the wire."""
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id, **more}


def rows(*counts: int) -> list[dict[str, Any]]:
    """Rows of so many buttons each."""
    return [
        {"type": 1, "components": [button(f"{row}-{number}") for number in range(count)]}
        for row, count in enumerate(counts)
    ]


def shown_on_button(**more: Any) -> list[dict[str, Any]]:
    """A row of one button that shows only what is given."""
    return [{"type": 1, "components": [{"type": 2, "style": 1, "custom_id": "x", **more}]}]


def menu(chosen: list[bool], **more: Any) -> list[dict[str, Any]]:
    """A row of a menu with so many options."""
    options = [{"label": f"{at}", "value": f"{at}", "default": each} for at, each in enumerate(chosen)]
    return [{"type": 1, "components": [{"type": 3, "custom_id": "x", "options": options, **more}]}]


V2 = 1 << 15

MESSAGES: dict[str, tuple[dict[str, Any], bool]] = {
    "2,000 characters": ({"content": "x" * 2000}, True),
    "2,001 characters": ({"content": "x" * 2001}, False),
    "nothing": ({"content": ""}, False),
    "25 fields": ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 25}]}, True),
    "26 fields": ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, False),
    "6,000 in embeds": ({"embeds": [{"description": "x" * 3000}] * 2}, True),
    "6,001 in embeds": ({"embeds": [{"description": "x" * 3000}, {"description": "x" * 3001}]}, False),
    "11 embeds": ({"embeds": [{"description": "x"}] * 11}, False),
    "a title of 257": ({"embeds": [{"title": "x" * 257}]}, False),
    "a description of 4,097": ({"embeds": [{"description": "x" * 4097}]}, False),
    "a field's name of 257": ({"embeds": [{"fields": [{"name": "x" * 257, "value": "v"}]}]}, False),
    "a field's value of 1,025": ({"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]}, False),
    "a footer of 2,049": ({"embeds": [{"footer": {"text": "x" * 2049}}]}, False),
    "an author of 257": ({"embeds": [{"author": {"name": "x" * 257}}]}, False),
    "five rows of five": ({"content": "x", "components": rows(5, 5, 5, 5, 5)}, True),
    "six rows": ({"content": "x", "components": rows(1, 1, 1, 1, 1, 1)}, False),
    "six in a row": ({"content": "x", "components": rows(6)}, False),
    "a custom id of 100": ({"content": "x", "components": [{"type": 1, "components": [button("x" * 100)]}]}, True),
    "a custom id of 101": ({"content": "x", "components": [{"type": 1, "components": [button("x" * 101)]}]}, False),
    "the same custom id": (
        {"content": "x", "components": [{"type": 1, "components": [button("x"), button("x")]}]},
        False,
    ),
    "a label of 81": (
        {"content": "x", "components": [{"type": 1, "components": [button("x", label="x" * 81)]}]},
        False,
    ),
    "40 in a layout": ({"flags": V2, "components": [{"type": 10, "content": "x"}] * 40}, True),
    "41 in a layout": ({"flags": V2, "components": [{"type": 10, "content": "x"}] * 41}, False),
    "4,000 characters in a layout": ({"flags": V2, "components": [{"type": 10, "content": "x" * 2000}] * 2}, True),
    "4,001 characters in a layout": (
        {"flags": V2, "components": [{"type": 10, "content": "x" * 4000}, {"type": 10, "content": "x"}]},
        False,
    ),
    "a layout without the flag": ({"components": [{"type": 10, "content": "x"}]}, False),
    "a layout with an embed": (
        {"flags": V2, "embeds": [{"title": "x"}], "components": [{"type": 10, "content": "x"}]},
        False,
    ),
    "a file of another host": (
        {"flags": V2, "components": [{"type": 13, "file": {"url": "https://example.com/a.txt"}}]},
        False,
    ),
    "a button with a sign alone": ({"content": "x", "components": shown_on_button(emoji={"name": "👍"})}, True),
    "an old emoji": ({"content": "x", "components": shown_on_button(emoji={"name": "✔"})}, True),
    "a button that shows nothing": ({"content": "x", "components": shown_on_button()}, False),
    "a sign that is no emoji": ({"content": "x", "components": shown_on_button(emoji={"name": "○"})}, False),
    "one of two chosen": ({"content": "x", "components": menu([True, False])}, True),
    "two of one chosen": ({"content": "x", "components": menu([True, True])}, False),
    "more to choose than there is": ({"content": "x", "components": menu([False], max_values=2)}, False),
    "a layout with content": ({"flags": V2, "content": "x", "components": [{"type": 10, "content": "x"}]}, False),
}


@pytest.mark.parametrize("case", MESSAGES)
async def test_limits_of_a_message(raw: Raw, place: tuple[Server, Channel, Person], case: str) -> None:
    body, taken = MESSAGES[case]
    status, code = await raw("POST", f"/channels/{place[1].id}/messages", body)
    if taken:
        assert status == 200
    else:
        assert status == 400
        assert code in (50035, 50006)
        assert place[1].posted() == []


async def test_a_message_becomes_a_layout_only_without_its_words_and_stays_one(
    raw: Raw, place: tuple[Server, Channel, Person]
) -> None:
    channel = place[1]
    assert (await raw("POST", f"/channels/{channel.id}/messages", {"content": "x", "embeds": [{"title": "t"}]}))[
        0
    ] == 200
    there = f"/channels/{channel.id}/messages/{channel.posted()[0].id}"
    layout = {"flags": V2, "components": [{"type": 10, "content": "y"}]}
    assert await raw("PATCH", there, layout) == (400, 50035)
    assert (await raw("PATCH", there, {**layout, "content": None, "embeds": []}))[0] == 200
    assert await raw("PATCH", there, {"flags": 0, "components": [], "content": "x"}) == (400, 50035)
    assert channel.posted()[0].text == "y"


FORMS: dict[str, tuple[dict[str, Any], bool]] = {
    "none of three": ({"type": 22, "min_values": 0, "required": False}, True),
    "none of three, but needed": ({"type": 22, "min_values": 0}, False),
    "a menu": ({"type": 3}, True),
    "a menu that is off": ({"type": 3, "disabled": True}, False),
    "a menu with more chosen than it takes": (
        {"type": 3, "options": [{"label": each, "value": each, "default": True} for each in "ab"]},
        False,
    ),
}


@pytest.mark.parametrize("case", FORMS)
async def test_limits_of_a_form(
    raw: Raw, discord: LocalDiscord, connect: Connect, place: tuple[Server, Channel, Person], case: str
) -> None:
    asked, taken = FORMS[case]
    options = [{"label": each, "value": each} for each in "abc"]
    label = {"type": 18, "label": "x", "component": {"custom_id": "x", "options": options, **asked}}
    answers: list[tuple[int, int]] = []
    client = Bare()

    @client.tree.command(description="opens a form")
    async def form(interaction: library.Interaction[Any]) -> None:
        body = {"type": 9, "data": {"custom_id": "form", "title": "Form", "components": [label]}}
        answers.append(await raw("POST", f"/interactions/{interaction.id}/{interaction.token}/callback", body))
        client.news.set()

    await connect(client)
    await place[2].run(place[1], "form", wait=False)
    await client.news.wait()
    assert answers == [(204, 0) if taken else (400, 50035)]


def command(name: str = "good", **more: Any) -> dict[str, Any]:
    """A slash command on the wire."""
    return {"name": name, "description": "does it", "type": 1, **more}


def option(name: str = "word", **more: Any) -> dict[str, Any]:
    """An option on the wire."""
    return {"name": name, "description": "a word", "type": 3, **more}


CHOICE = {"name": "n", "value": "v"}

COMMANDS: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "100 commands": ([command(f"c{number}") for number in range(100)], True),
    "101 commands": ([command(f"c{number}") for number in range(101)], False),
    "5 message commands": ([{"name": f"c{number}", "type": 3} for number in range(5)], True),
    "6 message commands": ([{"name": f"c{number}", "type": 3} for number in range(6)], False),
    "the same name": ([command(), command()], False),
    "the same name of another kind": ([command(), {"name": "good", "type": 3}], True),
    "a name in capitals": ([command("Bad")], False),
    "a name with a space": ([command("b ad")], False),
    "a name of 33": ([command("x" * 33)], False),
    "no description": ([command(description="")], False),
    "a description of 101": ([command(description="x" * 101)], False),
    "26 options": ([command(options=[option(f"o{number}") for number in range(26)])], False),
    "26 choices": ([command(options=[option(choices=[CHOICE] * 26)])], False),
    "a choice of 101": ([command(options=[option(choices=[{"name": "x" * 101, "value": "v"}])])], False),
    "the same option": ([command(options=[option(), option()])], False),
    "required after optional": ([command(options=[option("a"), option("b", required=True)])], False),
    "choices and autocomplete": ([command(options=[option(choices=[CHOICE], autocomplete=True)])], False),
    "more than 8,000 characters": (
        [command(options=[option(f"o{n}", choices=[{"name": "x" * 100, "value": "y" * 100}] * 25) for n in range(2)])],
        False,
    ),
}


@pytest.mark.parametrize("case", COMMANDS)
async def test_limits_of_commands(raw: Raw, discord: LocalDiscord, case: str) -> None:
    body, taken = COMMANDS[case]
    status, code = await raw("PUT", f"/applications/{discord.engine.application_id}/commands", body)
    assert (status < 300) == taken
    assert taken or code in (50035, 30032)


async def test_answers_to_interactions(
    raw: Raw, discord: LocalDiscord, connect: Connect, place: tuple[Server, Channel, Person]
) -> None:
    client = Bare()

    @client.tree.command(description="silent")
    async def silent(interaction: library.Interaction[Any], word: str = "") -> None: ...

    @silent.autocomplete("word")
    async def words(interaction: library.Interaction[Any], typed: str) -> list[Any]:
        choices = [{"name": f"{number}", "value": f"{number}"} for number in range(26)]
        tried = await raw("POST", callback(interaction), {"type": 8, "data": {"choices": choices}})
        assert tried == (400, 50035)
        return []

    def callback(interaction: Any) -> str:
        return f"/interactions/{interaction.id}/{interaction.token}/callback"

    await connect(client)
    _, channel, asker = place
    assert await asker.type(channel, "silent", "word", "") == []
    first = await asker.run(channel, "silent", wait=False)
    message = {"type": 4, "data": {"content": "x"}}
    assert await raw("POST", callback(first), {"type": 4, "data": {"content": ""}}) == (400, 50035)
    assert (await raw("POST", callback(first), message))[0] in (200, 204)
    assert await raw("POST", callback(first), message) == (400, 40060)
    assert (await raw("POST", f"/interactions/1/{first.token}/callback", message)) == (404, 10062)
    application = discord.engine.application_id
    followup = f"/webhooks/{application}/{first.token}"
    assert (await raw("POST", followup, {"content": "more"}))[0] == 200
    second = await asker.run(channel, "silent", wait=False)
    discord.advance(ANSWER_SECONDS / discord.pace + 0.1)
    assert await raw("POST", callback(second), message) == (404, 10062)
    discord.advance(15 * 60)
    assert (await raw("POST", followup, {"content": "late"}))[0] == 404
    assert (await raw("POST", f"/webhooks/{application}/nonsense", {"content": "x"}))[0] == 404
    with pytest.raises(NotAnswered):
        await discord.until(lambda: second.done, 0.05)


async def test_unknown_things_and_missing_permissions(raw: Raw, discord: LocalDiscord) -> None:
    bot = Person(discord, discord.engine.bot_id)
    server = discord.server()
    channel = server.channel("general")
    mute = server.channel("mute", denied={bot: ["send_messages"]})
    hidden = server.channel("hidden", denied={bot: ["view_channel"]})
    outside = discord.server("far", with_bot=False).channel("general")
    message = {"content": "x"}
    assert await raw("POST", "/channels/1/messages", message) == (404, 10003)
    assert await raw("GET", f"/channels/{channel.id}/messages/1") == (404, 10008)
    assert await raw("GET", "/guilds/1") == (404, 10004)
    assert await raw("GET", "/users/1") == (404, 10013)
    assert await raw("POST", f"/channels/{mute.id}/messages", message) == (403, 50013)
    assert await raw("POST", f"/channels/{hidden.id}/messages", message) == (403, 50001)
    assert await raw("POST", f"/channels/{outside.id}/messages", message) == (403, 50001)
    assert await raw("GET", f"/guilds/{server.id}", token="wrong") == (401, 0)
    assert discord.rest.gaps == []
    status, _ = await raw("GET", "/no/such/route")
    assert status == 501
    assert len(discord.rest.gaps) == 1


async def test_a_body_that_is_no_json(discord: LocalDiscord) -> None:
    channel = discord.server().channel("general")
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        url = f"{discord.api_url}/channels/{channel.id}/messages"
        async with session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as response:
            assert response.status == 400
            assert (await response.json())["code"] == 50109


async def test_rate_limits_are_announced_and_kept(raw: Raw, place: tuple[Server, Channel, Person]) -> None:
    path = f"/channels/{place[1].id}/messages"
    for left in (4, 3, 2, 1, 0):
        assert (await raw("POST", path, {"content": "x"}))[0] == 200
        assert raw.headers["X-RateLimit-Limit"] == "5"
        assert raw.headers["X-RateLimit-Remaining"] == str(left)
    assert (await raw("POST", path, {"content": "x"}))[0] == 429
    assert raw.headers["Via"]
    assert raw.headers["X-RateLimit-Scope"] == "user"
    assert float(raw.headers["X-RateLimit-Reset-After"]) > 0
    assert raw.headers["Content-Type"] == "application/json"


async def test_a_client_with_a_bad_token_cannot_log_in(discord: LocalDiscord) -> None:
    client = Bare()
    with pytest.raises(library.LoginFailure):
        await client.start("wrong")
    await client.close()


async def test_intents_that_were_not_granted_close_the_connection(discord: LocalDiscord) -> None:
    discord.gateway.granted_privileged = 0
    client = Bare(intents=library.Intents.all())
    with pytest.raises(library.PrivilegedIntentsRequired):
        await client.start(discord.token)
    await client.close()


def identify(discord: LocalDiscord, **changes: Any) -> dict[str, Any]:
    """An IDENTIFY on the wire."""
    return {"op": 2, "d": {"token": discord.token, "intents": 0, "properties": {}, **changes}}


@pytest.mark.parametrize(
    ("sends", "code"),
    [
        (lambda d: [identify(d, token="wrong")], 4004),
        (lambda d: [identify(d), identify(d)], 4005),
        (lambda d: [identify(d, shard=[2, 2])], 4010),
        (lambda d: [identify(d, intents=1 << 30)], 4013),
        (lambda d: [identify(d), {"op": 99}], 4001),
        (lambda d: [{"op": 3, "d": {}}], 4003),
        (lambda d: ["garbage"], 4002),
        (lambda d: [{"op": 1, "d": None}] * 121, 4008),
    ],
)
async def test_the_gateway_closes_with_discords_codes(discord: LocalDiscord, sends: Any, code: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{discord.gateway_url}?v=10&encoding=json") as socket,
    ):
        assert (await socket.receive_json())["op"] == 10
        for payload in sends(discord):
            await socket.send_str(payload if isinstance(payload, str) else json.dumps(payload))
        async for _ in socket:
            pass
        assert socket.close_code == code


async def test_an_old_version_of_the_gateway_is_refused(discord: LocalDiscord) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{discord.gateway_url}?v=6") as socket:
        async for _ in socket:
            pass
        assert socket.close_code == 4012


async def test_what_a_message_needs_of_permissions_and_places(raw: Raw, discord: LocalDiscord) -> None:
    bot = Person(discord, discord.engine.bot_id)
    server = discord.server()
    asker = server.member("asker")
    card = {"embeds": [{"description": "x"}]}

    async def reply(channel: Channel, **reference: Any) -> tuple[int, int]:
        body = {"content": "x", "message_reference": {"message_id": str(asked.id), **reference}}
        return await raw("POST", f"/channels/{channel.id}/messages", body)

    open_ = server.channel("open")
    asked = await asker.say(open_, "hello")
    assert (await reply(open_))[0] == 200
    assert await reply(open_, message_id="1") == (400, 50035)
    assert (await reply(open_, message_id="1", fail_if_not_exists=False))[0] == 200
    assert await reply(open_, message_id="x") == (400, 50035)
    blind = server.channel("blind", denied={bot: ["read_message_history"]})
    asked = await asker.say(blind, "hello")
    assert await reply(blind) == (403, 160002)
    assert (await raw("POST", f"/channels/{blind.id}/messages", card))[0] == 200
    plain = server.channel("plain", denied={bot: ["embed_links"]})
    assert await raw("POST", f"/channels/{plain.id}/messages", card) == (403, 50013)
    assert (await raw("POST", f"/channels/{plain.id}/messages", {"content": "x"}))[0] == 200
    voice = server.channel("voice", kind=2, denied={bot: ["connect"]})
    assert await raw("POST", f"/channels/{voice.id}/messages", {"content": "x"}) == (403, 50001)
    forum = server.channel("forum", kind=15)
    assert await raw("POST", f"/channels/{forum.id}/messages", {"content": "x"}) == (400, 50008)
    asker.take_no_direct_messages()
    assert await raw("POST", f"/channels/{asker.direct.id}/messages", {"content": "x"}) == (403, 50007)


@pytest.mark.parametrize("body", [[], 3, "x", {"content": 3}, {"message_reference": {"type": "x"}}, {"embeds": [3]}])
async def test_a_body_of_another_form_is_refused_in_words(
    raw: Raw, place: tuple[Server, Channel, Person], body: Any
) -> None:
    assert (await raw("POST", f"/channels/{place[1].id}/messages", body))[0] == 400
    assert (await raw("POST", "/interactions/1/x/callback", body))[0] in (400, 404)


@pytest.mark.parametrize(
    "data", [{"shard": "x"}, {"shard": [1]}, {"shard": [0, 0, 0]}, {"intents": "x"}, {"intents": {}}]
)
async def test_an_identify_of_another_form_closes_the_connection(discord: LocalDiscord, data: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{discord.gateway_url}?v=10") as socket:
        await socket.receive_json()
        await socket.send_json(identify(discord, **data))
        async for _ in socket:
            pass
        assert socket.close_code == 4002


def numbers(value: Any, path: str = "") -> list[str]:
    """Where in a payload a number stands that loses digits in JavaScript."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in numbers(each, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for at, each in enumerate(value) for found in numbers(each, f"{path}[{at}]")]
    return [path] if isinstance(value, int) and value >= 1 << 53 else []


async def test_ids_are_sent_as_text(raw: Raw, discord: LocalDiscord, connect: Connect) -> None:
    client = Bare(intents=library.Intents.all())

    class Menu(library.ui.View):
        def __init__(self, channel: int) -> None:
            super().__init__()
            chosen = [library.Object(channel, type=library.TextChannel)]
            self.add_item(library.ui.ChannelSelect(custom_id="menu", default_values=chosen))

    @client.tree.command(description="shows a menu")
    async def menu(interaction: library.Interaction[Any]) -> None:
        assert interaction.channel_id is not None
        await interaction.response.send_message("x", view=Menu(interaction.channel_id))

    await connect(client)
    server = discord.server()
    channel, asker = server.channel("general"), server.member("asker")
    await asker.say(channel, "hello")
    shown = (await asker.run(channel, "menu")).seen
    assert shown.raw["components"][0]["components"][0]["default_values"] == [{"id": str(channel.id), "type": "channel"}]
    await asker.choose(shown, channel, wait=False)
    await discord.settled()
    received = [each.received for each in discord.traffic.exchanges]
    assert [found for each in received for found in numbers(each)] == []
    own = next(each for each in client.guilds[0].roles if each.managed)
    assert own == client.guilds[0].self_role


async def test_the_date_of_an_answer_is_by_its_own_clock() -> None:
    async with LocalDiscord(clock_ahead=-3600.0) as discord, aiohttp.ClientSession() as session:
        for moved in (0, 7200):
            discord.clock.advance(moved)
            # `Date` names whole seconds
            before = discord.clock.now().replace(microsecond=0)
            async with session.get(f"{discord.api_url}/gateway") as response:
                said = parsedate_to_datetime(response.headers["Date"])
            assert before <= said <= discord.clock.now()


async def test_what_a_bot_believes_of_its_latency_is_less_than_an_interval() -> None:
    async with LocalDiscord(heartbeat_interval=2.0) as discord:
        library.http.Route.BASE = discord.api_url
        library.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(discord.gateway_url)
        client = Bare()
        running = asyncio.create_task(client.start(discord.token))
        await discord.ready()
        acknowledged: list[float] = []
        await client.wait_until_ready()
        socket = client.shards[0]._parent.ws
        keep_alive = socket._keep_alive
        assert keep_alive is not None
        ack = keep_alive.ack
        beaten = asyncio.Event()

        def count() -> None:
            ack()
            acknowledged.append(socket.latency)
            beaten.set()

        keep_alive.ack = count  # type: ignore[method-assign]
        while len(acknowledged) < 2:
            beaten.clear()
            await beaten.wait()
        # measured against its own beat, not the one before
        assert all(0 < latency < 2.0 for latency in acknowledged)
        await client.close()
        await asyncio.gather(running, return_exceptions=True)
