"""What people type is shown as what it is: no links, no markup, no more than Discord takes, in time that is linear."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.advice.advisor import Advisor
from bot.chat.advice import card as cards
from bot.chat.advice.shown import Shown, asked_line
from bot.chat.client import RsvnoBot
from bot.chat.kit.card import MOST_CARD, MOST_FIELD, MOST_FIELDS, MOST_FOOTER, MOST_TEXT, MOST_TITLE, Card
from bot.chat.kit.layout import MOST_SHOWN, code_block, walk
from bot.chat.kit.text import read_back, safe, shorten
from bot.documents.plain_text import printable
from bot.guidance.blanks import MOST_NAME, blanks_in, fill
from bot.guidance.models import Entry
from bot.local import LocalDiscord
from bot.storage import Database
from tests.chat.cards import read_card, read_components
from tests.chat.test_guidance import add

LINKS = (
    '"[Claim gift](https://evil.example/n)"',
    '"https://evil.example/n"',
    '"join discord.gg/abc"',
    '"discord.com/invite/abc"',
    '"www.evil.example"',
    '"<@&1> and <@2>"',
    '"[a]"',
    "called [Claim](x)",
)
"""What anybody can write where a name may stand."""
ANYTHING = st.text(max_size=300) | st.text(alphabet="[]()<>@*_~|`\\#:/.- aA\"'{}\n", max_size=300)


@pytest.mark.parametrize("name", LINKS)
@pytest.mark.parametrize("kind", ["event", "group", "page", "app"])
def test_a_link_is_no_name(kind: str, name: str) -> None:
    assert kind not in blanks_in(f"the {kind} {name}")
    assert kind not in blanks_in(f"{name} {kind}")


@settings(deadline=None)
@given(ANYTHING)
def test_names_are_short_and_hold_no_link(text: str) -> None:
    for wrapped in (text, f'the event "{text}"', f"a group called {text}", f"{text} page from {text}"):
        for name in blanks_in(wrapped).values():
            assert 0 < len(name) <= MOST_NAME
            assert not re.search(r"://|<|\[|\.gg/|\n", name)


def test_a_name_that_is_too_long_stays_a_blank() -> None:
    long = "The " + " ".join(["Bartholomew"] * 4) + " party"
    assert blanks_in(long) == {"event": "the party"}
    assert "group" not in blanks_in("A" * 960 + " group")
    assert "group" not in blanks_in("a group called " + "A" * 960)


@settings(deadline=None)
@given(ANYTHING)
@example(".[/")
@example("a.*b/")
def test_what_is_made_safe_formats_links_and_mentions_nothing(text: str) -> None:
    shown = safe(text)
    # an escaped sign is shown as itself, and is neither a letter of a link nor a mark
    unescaped = re.sub(r"\\.", " ", shown)
    assert not re.search(r"[*_`~|\[\]<]|://|\.\w{1,20}/|@[^\u200b]|[\n\r\x00-\x1f]", unescaped)
    assert not re.match(r"(?:#{1,3}|>{1,3}|-|\+) ", shown)
    assert len(shown) <= 2 * len(text) + 2 * text.count("://") + 1
    # and the words are the same
    assert re.findall(r"\w+", read_back(shown)) == re.findall(r"\w+", printable(text))


@settings(deadline=None)
@given(ANYTHING, st.integers(1, 60))
def test_a_cut_never_leaves_half_an_escape(text: str, most: int) -> None:
    cut = shorten(safe(text), most)
    assert len(cut) <= most
    backslashes = len(cut.removesuffix("…")) - len(cut.removesuffix("…").rstrip("\\"))
    assert backslashes % 2 == 0


def test_what_is_to_be_copied_stands_there_as_it_is_and_never_ends_its_block() -> None:
    assert code_block("To *bold* <@1> [x](y)", 900) == "```\nTo *bold* <@1> [x](y)\n```"
    assert code_block("```\n@everyone `x`", 900).count("`") == 6
    assert len(code_block("x " * 900, 100)) <= 100


@pytest.mark.parametrize("many", [1, 26, 200])
def test_a_card_is_cut_to_what_discord_takes(many: int) -> None:
    card = Card(title="t\\*" * 300, description="d\\*" * 5000)
    card.set_author(name="a" * 1000).set_footer(text="f" * 5000)
    for _ in range(min(many, 25)):
        card.add_field(name="n " * 500, value="v " * 2000)
    card._fields = (card._fields * many)[:many]
    for sent in (card.to_dict(), Card.from_dict(card.to_dict()).to_dict()):
        assert len(sent["title"]) <= MOST_TITLE
        assert len(sent["description"]) <= MOST_TEXT
        assert len(sent["author"]["name"]) <= MOST_TITLE
        assert len(sent["footer"]["text"]) <= MOST_FOOTER
        assert len(sent["fields"]) <= MOST_FIELDS
        for field in sent["fields"]:
            assert 0 < len(field["name"]) <= MOST_TITLE
            assert 0 < len(field["value"]) <= MOST_FIELD
        assert len(Card.from_dict(sent)) <= MOST_CARD
    # the card itself is as it was
    assert card.author.name == "a" * 1000


def test_an_entry_adapted_to_everybody_makes_a_card_with_its_words(advisor: Advisor) -> None:
    people = list(advisor.library.lexicon.people)
    entry = Entry.model_validate(
        {
            "id": "own-x", "question": "q" * 100, "verdict": "no", "advice": "a" * 700, "reason": "r" * 500,
            "say": {"warm": "{name} " * 57}, "adapt": dict.fromkeys(people, "x" * 400),
        }
    )  # fmt: skip
    asked = " ".join(words.words[0] for words in advisor.library.lexicon.people.values())
    card = cards.answer_card(advisor.explain(entry, asked), advisor, Shown(entry.id), asked=asked_line(asked * 10))
    shown = read_components(list(walk(card.to_components())))
    assert card.content_length() <= MOST_SHOWN
    assert shown.words
    assert shown.adapted.count("\n") == cards.MOST_ADAPTED - 1
    assert len(code_block(fill("{name} " * 57, {"name": "x" * MOST_NAME}), cards.MOST_WORDS)) <= cards.MOST_WORDS


async def test_what_was_saved_is_never_called_failed(discord: LocalDiscord, bot: RsvnoBot, database: Database) -> None:
    server = discord.server()
    channel, admin = server.channel("general"), server.member("boss", "manage_guild")
    wording = "do i have to follow back everyone who follows me on instagram? " + "_" * 930
    saved = await add(admin, channel, discord, question="Must all be followed back?", wordings=wording)
    # it would answer built-in questions, too: it is told first, and then saved
    saved = await admin.press(saved.seen, "Save anyway")
    await discord.until(lambda: "Added" in saved.text)
    assert len(saved.text) <= 2000
    assert [each.document["examples"] for each in await database.server(server.id).entries.all()] == [[wording]]


async def test_a_filled_blank_on_a_card_is_harmless(discord: LocalDiscord, bot: RsvnoBot) -> None:
    server = discord.server()
    channel, member = server.channel("general"), server.member("guest")
    said = await member.run(channel, "decline", invitation='the event "**Free** ~gift~"')
    assert "**Free** ~gift~" in read_card(said.seen).words
    for number, name in enumerate(LINKS):
        said = await server.member(f"guest {number}").run(channel, "decline", invitation=f"the event {name}")
        assert not re.search(r"://|\.gg/|www\.|<@|\]\(", read_card(said.seen).words), name
