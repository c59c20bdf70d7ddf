"""The shipped base is honest: complete, sourced, in its own words, and short enough for a card."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import chain

import pytest

from bot.evaluation.questions import load_labelled, shipped_questions
from bot.evaluation.talks import shipped_talks
from bot.guidance.loading import SOURCES_FILE, shipped_knowledge
from bot.guidance.models import Library, Tone, Verdict
from bot.guidance.review import review
from bot.matching.own import telling_words

LEAST_ENTRIES = 80
LEAST_A_TOPIC = 5
LEAST_EXAMPLES = 10
LEAST_SAFETY = 8
CARD = 3000
"""Characters that an answer may have in all: a card holds 6,000, and buttons and a footer come on top."""

LIKENESS = 0.4
"""This share of what a reason says may stand in the advice already: the thing itself must be named in both."""


def normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def test_every_topic_has_a_file_of_its_own_and_enough_entries(library: Library) -> None:
    files = {path.stem for path in shipped_knowledge().glob("*.yaml") if path.name != SOURCES_FILE}
    # declining has a second file: invitations of everyday life
    assert files == set(library.titles) | {"everyday_invitations"}
    counts = Counter(entry.topic for entry in library.entries)
    assert len(library.entries) >= LEAST_ENTRIES
    assert set(counts) == set(library.titles)
    assert min(counts.values()) >= LEAST_A_TOPIC


def test_every_source_is_used_and_every_entry_has_one(library: Library) -> None:
    used = Counter(chain.from_iterable(entry.sources for entry in library.entries))
    assert set(library.sources) == set(used)
    assert all(entry.sources for entry in library.entries)
    spirit_alone = [entry.id for entry in library.entries if entry.sources == ("spirit",)]
    assert len(spirit_alone) <= len(library.entries) / 4


def test_every_entry_has_many_different_examples(library: Library) -> None:
    few = [entry.id for entry in library.entries if len({normal(text) for text in entry.examples}) < LEAST_EXAMPLES]
    assert few == []


def test_no_wording_stands_in_two_entries(library: Library) -> None:
    owners: dict[str, set[str]] = {}
    for entry in library.entries:
        for wording in entry.wordings:
            owners.setdefault(normal(wording), set()).add(entry.id)
    assert {text: ids for text, ids in owners.items() if len(ids) > 1} == {}


def test_examples_come_in_all_lengths_and_registers(library: Library) -> None:
    for topic in library.titles:
        examples = [text for entry in library.in_topic(topic) for text in entry.examples]
        lengths = [len(text.split()) for text in examples]
        assert sum(length <= 8 for length in lengths) >= len(examples) * 0.1, topic
        assert sum(length >= 30 for length in lengths) >= len(examples) * 0.05, topic
        assert sum("?" not in text for text in examples) >= len(examples) * 0.3, topic
        assert sum(text == text.lower() for text in examples) >= len(examples) * 0.3, topic


def test_people_and_platforms_are_covered(library: Library) -> None:
    people: Counter[str] = Counter()
    platforms: Counter[str] = Counter()
    for entry in library.entries:
        for example in entry.examples:
            named_people, named_platforms = library.lexicon.mentioned(example)
            people.update(named_people)
            platforms.update(named_platforms)
    assert min(people[name] for name in library.lexicon.people) >= 3
    missing = [name for name in ("threads", "snapchat", "bluesky", "mastodon", "github") if not platforms[name]]
    assert missing == []


def test_words_to_send_come_in_all_tones(library: Library) -> None:
    partial = [entry.id for entry in library.entries if entry.say and set(entry.say) != set(Tone)]
    assert partial == []
    assert (
        sum(bool(entry.say) for entry in library.entries if entry.verdict is Verdict.HOW_TO and not entry.safety) >= 10
    )


def test_how_to_decline_always_has_words(library: Library) -> None:
    wordless = [
        entry.id
        for entry in library.in_topic("decline_invitation")
        if entry.verdict is Verdict.HOW_TO and not entry.say and not entry.safety
    ]
    assert wordless == []


def test_answers_to_follow_ups_are_written_as_entries_are(library: Library) -> None:
    answers = list(library.follow_up_answers.values())
    assert len(answers) >= 60
    assert len(answers) == len({answer.question for answer in answers})
    for answer in answers:
        assert answer.sources, answer.id
        assert answer.reason, answer.id
        assert not answer.say or set(answer.say) == set(Tone), answer.id
        assert list(review(answer, library.lexicon)) == [], answer.id


def test_an_answer_fits_a_card(library: Library) -> None:
    for entry in library.entries:
        parts = [entry.question, entry.advice, entry.reason or "", *entry.say.values(), *entry.adapt.values()]
        assert sum(map(len, parts)) <= CARD, entry.id
        assert len(re.findall(r"[.!?](?:\s|$)", entry.advice)) <= 5, entry.id


def test_no_reason_repeats_its_advice(library: Library) -> None:
    """Of the words that tell, those of the reason are mostly other ones, and no run of six is in both."""
    for entry in library.entries:
        advice, reason = normal(entry.advice), normal(entry.reason or "")
        said, why = telling_words(advice), telling_words(reason)
        assert len(said & why) <= LIKENESS * max(len(why), 1), entry.id
        runs = {" ".join(reason.split()[at : at + 6]) for at in range(len(reason.split()) - 5)}
        assert [run for run in runs if run in advice] == [], entry.id


def test_safety_entries_protect(library: Library) -> None:
    safety = [entry for entry in library.entries if entry.safety]
    assert len(safety) >= LEAST_SAFETY
    for entry in safety:
        advice = entry.advice.lower()
        assert re.search(
            r"block|report|stop (?:answering|replying|writing)|don't (?:answer|click|pay)|tell|talk", advice
        ), entry.id
        assert not re.search(r"(?<!to )be polite|stay polite|politely", advice), entry.id


def test_nothing_of_the_evaluation_set_is_in_the_base(library: Library) -> None:
    known = {normal(wording) for entry in library.entries for wording in entry.wordings}
    known |= {normal(text) for text in (*library.negatives.near_misses, *library.negatives.chatter)}
    questions = load_labelled(shipped_questions())
    asked = [item.q for item in (*questions.on_topic, *questions.near_miss, *questions.safety)]
    assert [text for text in asked if normal(text) in known] == []
    said = {normal(text) for each in library.follow_ups for text in each.examples} | set(library.no_follow_ups)
    # what is a word or two, everybody says
    talks = [talk.then for talk in shipped_talks().talks if len(talk.then.split()) > 2]
    assert [text for text in talks if normal(text) in said] == []


def test_the_evaluation_set_is_large_enough(library: Library) -> None:
    questions = load_labelled(shipped_questions())
    assert len(questions.on_topic) >= 400
    assert all(item.entries for item in questions.on_topic)
    assert {name for item in questions.on_topic for name in (*item.entries, *item.never)} <= library.by_id.keys()
    assert len(questions.near_miss) >= 100
    assert len(questions.safety) >= 100
    assert len(questions.harmless) >= 100
    topics = set().union(*(item.topics(library) for item in questions.on_topic))
    assert topics == set(library.titles)


def test_negatives_are_many_and_of_all_lengths(library: Library) -> None:
    near, chatter = library.negatives.near_misses, library.negatives.chatter
    assert len(near) >= 600
    assert len(chatter) >= 1500
    for messages in (near, chatter):
        lengths = [len(text.split()) for text in messages]
        assert sum(length <= 7 for length in lengths) >= 200
        assert sum(length >= 25 for length in lengths) >= 150


def test_no_sentence_of_the_essay_is_copied() -> None:
    """Runs of nine words, compared by hashes so that the essay itself need not be kept here."""
    hashes = set((shipped_knowledge().parent / "tests/guidance/essay_runs.txt").read_text().split())
    assert len(hashes) > 1000
    for path in (*shipped_knowledge().glob("*.yaml"), *shipped_knowledge().glob("follow_ups/*.yaml")):
        words = re.findall(r"[a-z']+", path.read_text(encoding="utf-8").lower().replace("’", "'"))
        for at in range(len(words) - 8):
            run = " ".join(words[at : at + 9])
            assert hashlib.sha256(run.encode()).hexdigest()[:12] not in hashes, f"{path.name}: {run}"


@pytest.mark.parametrize("key", ["people", "platforms"])
def test_no_word_names_two_things(library: Library, key: str) -> None:
    lists = getattr(library.lexicon, key).values()
    counts = Counter(word for item in lists for word in item.words)
    assert [word for word, count in counts.items() if count > 1] == []
