"""Second messages: what is about the first answer is answered from it, and nothing but its entry is remembered."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.advice.advisor import Advisor
from bot.advice.conversation import SMALL_TALK, TONES, Wish, follow_up
from bot.cli import cli
from bot.documents.faults import UnusableFile
from bot.guidance.follow_ups import MAX_LABEL
from bot.guidance.loading import load_library, shipped_knowledge
from bot.guidance.models import Entry, Library, Tone, Verdict
from bot.matching.policies import Outcome

REQUEST = "must-i-accept"


def kind_of(library: Library, entry: Entry | None) -> str:
    """The follow-up that an entry answers; an empty text if it answers none."""
    owners = (each.id for each in library.follow_ups for answer in each.answers if entry and answer.id == entry.id)
    return next(owners, "")


def test_every_shipped_follow_up_has_answers_or_is_a_wish(library: Library) -> None:
    assert len(library.follow_ups) == 25
    for each in library.follow_ups:
        assert len(each.label) <= MAX_LABEL
        assert len(each.examples) >= 40
        assert bool(each.answers) != (each.id in list(Wish))
        if each.answers:
            assert not each.answers[-1].to, "the last answer serves everything"


def test_after_danger_nothing_is_said_that_was_not_written_for_it(library: Library) -> None:
    for each, entry in product(library.follow_ups, library.entries):
        answer = each.answer_to(entry) if each.answers else None
        if entry.safety:
            assert answer is None or answer.safety, (each.id, entry.id)
        elif each.answers:
            assert answer is not None, (each.id, entry.id)
            assert not answer.safety, (each.id, entry.id)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("and if they would like to hear my reasons?", "they-ask-why"),
        ("my sister will send me the invite another three times", "they-ask-again"),
        ("he's going to be furious with me", "they-get-angry"),
        ("I fear that she will be sad", "they-are-hurt"),
        ("do they get a notification", "they-notice"),
        ("i'll run into her at the gym every single day", "we-meet-in-person"),
        ("i feel so mean now", "i-feel-guilty"),
        ("too late, i told her yes last night", "i-already-said-yes"),
    ],
)
def test_what_happens_next_has_an_answer_of_its_own(advisor: Advisor, text: str, kind: str) -> None:
    earlier = advisor.library.by_id[REQUEST]
    turn = follow_up(advisor, earlier, text)
    assert turn.wish is Wish.ANSWER
    assert turn.advice.outcome is Outcome.ANSWER
    assert turn.advice.question == text
    assert kind_of(advisor.library, turn.advice.entry) == kind
    assert turn.advice.entry is not None
    # it is counted where the first answer was, found again by its id, and is none of the server's own
    assert turn.advice.entry.topic == earlier.topic
    assert advisor.find(turn.advice.entry.id) is not None
    assert not turn.advice.own


def test_the_answer_fits_what_was_answered_before(advisor: Advisor) -> None:
    text = "and if she wants to hear the reason"
    found = {
        topic: follow_up(advisor, next(iter(advisor.library.in_topic(topic))), text).advice.entry
        for topic in ("decline_invitation", "follow_back", "friend_request")
    }
    assert all(kind_of(advisor.library, entry) == "they-ask-why" for entry in found.values())
    assert len({entry.id for entry in found.values() if entry is not None}) > 1


@pytest.mark.parametrize("wish", [Wish.WHY, Wish.WORDS, *TONES])
def test_what_is_asked_about_the_answer_turns_back_to_it(advisor: Advisor, wish: Wish) -> None:
    texts = {
        Wish.WHY: "but why",
        Wish.WORDS: "so what should i write to them, word for word",
        Wish.SOFTER: "could you make this sound kinder",
        Wish.SHORTER: "a shorter version please",
        Wish.FIRMER: "make it sound more strict",
    }
    earlier = advisor.library.by_id[REQUEST]
    turn = follow_up(advisor, earlier, texts[wish])
    assert turn.wish is wish
    assert turn.advice.entry is earlier
    assert turn.tone is TONES.get(wish)


def test_somebody_else_is_told_by_what_the_answer_says_of_them_or_asked_anew(advisor: Advisor) -> None:
    earlier = advisor.library.by_id[REQUEST]
    turn = follow_up(advisor, earlier, "and for my boss?")
    assert turn.wish is Wish.FOR_SOMEBODY
    assert turn.advice.entry is not None
    assert turn.advice.adaptations or turn.advice.entry.id != earlier.id
    assert turn.advice.question == "and for my boss?"


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("thank you so much!", Wish.THANKS),
        ("hello there", Wish.HELLO),
        ("what sort of things can i ask you", Wish.HELP),
        ("good night then", Wish.GOODBYE),
    ],
)
def test_small_talk_is_no_question(advisor: Advisor, text: str, wish: Wish) -> None:
    turn = follow_up(advisor, advisor.library.by_id[REQUEST], text)
    assert turn.wish is wish
    assert wish in SMALL_TALK


def test_a_question_of_its_own_is_answered_as_ever(advisor: Advisor) -> None:
    text = "another thing: a brand follows me on instagram, do i have to follow it back?"
    turn = follow_up(advisor, advisor.library.by_id[REQUEST], text)
    assert turn.wish is Wish.NEW
    assert turn.advice.entry == advisor.ask(text).entry


def test_chat_gets_nothing(advisor: Advisor) -> None:
    for text in ("the lasagna burned again", "who is up for chess at nine", "🍕🍕", ""):
        turn = follow_up(advisor, advisor.library.by_id[REQUEST], text)
        assert turn.wish is Wish.NEW
        assert turn.advice.outcome is Outcome.NONE


def test_danger_goes_first(advisor: Advisor) -> None:
    turn = follow_up(advisor, advisor.library.by_id[REQUEST], "he says he will post my nudes if i don't add him")
    assert turn.wish is Wish.NEW
    assert turn.advice.entry is not None
    assert turn.advice.entry.safety


def test_anger_is_no_threat_but_asked_about(advisor: Advisor) -> None:
    earlier = advisor.library.by_id[REQUEST]
    turn = follow_up(advisor, earlier, "he's going to be furious with me")
    assert kind_of(advisor.library, turn.advice.entry) == "they-get-angry"
    assert turn.advice.worry
    for threat in (
        "he's going to be furious, he said he'd come over and break my arm",
        "he said he will beat me up if i say no again",
    ):
        answer = follow_up(advisor, earlier, threat).advice.entry
        assert answer is not None
        assert answer.safety


def test_after_danger_the_help_is_repeated(advisor: Advisor) -> None:
    earlier = advisor.library.by_id["safety-stalking"]
    turn = follow_up(advisor, earlier, "and if he asks me why")
    assert turn.advice.entry is not None
    assert turn.advice.entry.safety
    assert turn.advice.help is not None


def test_a_servers_own_entry_goes_before_a_follow_up(advisor: Advisor) -> None:
    own = Entry(
        id="own-promo",
        question="May I ask again in the promo corner?",
        examples=("can i post it again in the promo corner",),
        verdict=Verdict.NO,
        advice="Once a week is enough.",
    )
    server = advisor.within([own], ())
    turn = follow_up(server, advisor.library.by_id[REQUEST], "can i ask again in the promo corner?")
    assert turn.wish is Wish.NEW
    assert turn.advice.entry == own


def test_a_second_message_is_encoded_once(advisor: Advisor, encoded: list[str]) -> None:
    for text in ("what if they want a reason from me", "hm alright, thanks a lot", "is it fine to leave a group chat"):
        encoded.clear()
        follow_up(advisor, advisor.library.by_id[REQUEST], text)
        assert len(encoded) == 1


def test_a_third_turn_still_knows_the_subject(advisor: Advisor) -> None:
    first = follow_up(advisor, advisor.library.by_id["birthday-party"], "she's going to ask me for a reason")
    assert first.advice.entry is not None
    # as it is found from a card, where the first entry is not named any more
    again = advisor.find(first.advice.entry.id)
    assert again is not None
    second = follow_up(advisor, again, "she keeps on inviting me")
    direct = follow_up(advisor, advisor.library.by_id["birthday-party"], "she keeps on inviting me")
    assert second.advice.entry is not None
    assert direct.advice.entry is not None
    assert second.advice.entry.id == direct.advice.entry.id


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("follow_ups: [{id: x, label: L, examples: [a], answers: [{id: a, question: Q, verdict: 'no', advice: A,"
         " to: [folow_back]}]}]", "did you mean 'follow_back'"),
        ("follow_ups: [{id: x, label: L, examples: [a], answers: [{id: must-i-accept, question: Q, verdict: 'no',"
         " advice: A}]}]", "'must-i-accept' is taken"),
        ("follow_ups: [{id: x, label: L}]", "examples"),
        ("folow_ups: []", "did you mean 'follow_ups'"),
    ],
)  # fmt: skip
def test_faults_say_where_and_what(tmp_path: Path, yaml: str, words: str) -> None:
    folder = tmp_path / "follow_ups"
    folder.mkdir()
    (folder / "mine.yaml").write_text(yaml)
    (tmp_path / "mine.yaml").write_text(
        "entries: [{id: mine, question: Q?, examples: [q], verdict: 'no', advice: A, topic: follow_back}]"
    )
    with pytest.raises(UnusableFile) as caught:
        load_library([shipped_knowledge(), tmp_path])
    (fault,) = caught.value.faults
    assert words in str(fault)
    assert "mine.yaml:1" in str(fault)


def test_a_later_folder_replaces_a_follow_up(tmp_path: Path) -> None:
    folder = tmp_path / "follow_ups"
    folder.mkdir()
    (folder / "mine.yaml").write_text(
        "follow_ups: [{id: they-ask-why, label: Why?, examples: [they ask why],"
        " answers: [{id: ours, question: Why?, verdict: 'no', advice: Say nothing.}]}]"
    )
    (tmp_path / "mine.yaml").write_text(
        "entries: [{id: mine, question: Q?, examples: [q], verdict: 'no', advice: A, topic: follow_back}]"
    )
    library = load_library([shipped_knowledge(), tmp_path])
    (found,) = (each for each in library.follow_ups if each.id == "they-ask-why")
    assert [answer.id for answer in found.answers] == ["ours"]
    assert len(library.follow_ups) == 25


def test_the_terminal_answers_what_is_said_after_an_entry(advisor: Advisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.cli._advisor", lambda context, server: advisor)
    run = CliRunner().invoke
    found = run(cli, ["ask", "--after", REQUEST, "--json", "what", "if", "they", "ask", "again"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.output)["wish"] == "answer"
    words = advisor.library.by_id[REQUEST].say
    assert run(cli, ["ask", "--after", REQUEST, "make it shorter"]).output.split() == words[Tone.BRIEF].split()
    assert "welcome" in run(cli, ["ask", "--after", REQUEST, "thanks"]).output
    missing = run(cli, ["ask", "--after", "must-i-acept", "why"])
    assert missing.exit_code == 2
    assert "did you mean 'must-i-accept'" in missing.output
    assert run(cli, ["ask", "--after", REQUEST, "--overhear", "why"]).exit_code == 2
