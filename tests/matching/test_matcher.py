"""The engine and its policies, on the shipped base and on small ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.advice.advisor import Advisor
from bot.configuration import Settings
from bot.guidance.grammar import Grammar
from bot.guidance.loading import FITTED_FOLDER, shipped_knowledge
from bot.guidance.models import Library
from bot.matching.base import MODEL_FILE
from bot.matching.encoder.choosing import default_encoder
from bot.matching.encoder.encoder import Encoder, EncoderUnavailable
from bot.matching.features import build_vocabulary, words
from bot.matching.model.files import UnusableModel, read_model
from bot.matching.model.training import fingerprint, training_set
from bot.matching.policies import Outcome, Policy
from bot.matching.text import Slang

DIRECTIONS = [
    ("she unfollowed me out of the blue", "unfollow"),
    ("may i unfollow my noisy cousin", "unfollow"),
    ("he followed me, must i follow him", "follow_back"),
    ("i followed him and he won't follow me back", "not_followed_back"),
    ("they turned down my friend request", "not_followed_back"),
    ("how do i turn down her friend request", "friend_request"),
]


@pytest.mark.parametrize(("question", "topic"), DIRECTIONS)
def test_who_did_it_to_whom_decides(advisor: Advisor, question: str, topic: str) -> None:
    matches = advisor.rank(advisor.read(question)).matches
    assert matches[0].entry.topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n",
        "🙂",
        "<@123456789012345678>",
        "```code only```",
        "？？？",
        "你好",
        "Привет, как дела",
        "\x00\x01",
        "\ud83d",
    ],
)
@pytest.mark.parametrize("policy", list(Policy))
def test_wordless_and_foreign_messages_get_no_answer(advisor: Advisor, text: str, policy: Policy) -> None:
    advice = advisor.advise(advisor.read(text), policy)
    assert advice.outcome is Outcome.NONE
    assert 0 <= advice.confidence <= 1


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=4000), policy=st.sampled_from(list(Policy)))
def test_no_text_breaks_a_policy(advisor: Advisor, text: str, policy: Policy) -> None:
    advice = advisor.advise(advisor.read(text), policy)
    assert 0 <= advice.confidence <= 1
    assert (advice.outcome is Outcome.ANSWER) == (advice.entry is not None)
    assert (advice.outcome is Outcome.CHOICES) == (1 <= len(advice.choices) <= 3)


@pytest.mark.parametrize(
    "typed",
    [
        "do i have too folow peple back who folow me",
        "DO I HAVE TO FOLLOW PEOPLE BACK WHO FOLLOW ME!!!!",
        "sooo do i haveee to follow peopleee back who follow meeee",
        "hey <@123456789012345678> do i have to follow people back who follow me 😬 https://example.com/x",
    ],
)
def test_typing_does_not_matter(advisor: Advisor, typed: str) -> None:
    advice = advisor.ask(typed)
    assert advice.outcome is Outcome.ANSWER
    assert advice.entry is not None
    assert advice.entry.topic == "follow_back"


def test_the_same_question_always_gets_the_same_answer(advisor: Advisor) -> None:
    first, second = (advisor.ask("must i accept my manager on facebook").as_json() for _ in range(2))
    first.pop("milliseconds"), second.pop("milliseconds")
    assert first == second


def test_safety_wins_over_etiquette(advisor: Advisor) -> None:
    advice = advisor.ask("is it rude to decline him, he threatens to post my address if i do")
    assert advice.entry is not None
    assert advice.entry.safety


def test_what_changes_for_whom_is_added(advisor: Advisor) -> None:
    advice = advisor.ask("my boss follows me on insta, should i follow back")
    assert advice.entry is not None
    assert any(label == "Your boss" for label, _ in advice.adaptations)
    assert (advice.advice or "").startswith(advice.entry.advice)


def test_overhear_is_silent_where_ask_is_helpful(advisor: Advisor) -> None:
    unsure = ["what should i do", "should i", "do they get a discount when i subscribe"]
    assert all(advisor.overhear(text).outcome is Outcome.NONE for text in unsure)
    assert advisor.overhear("my coworker added me on facebook, do i have to accept").outcome is Outcome.ANSWER


def test_what_is_shipped_was_fitted_from_what_is_shipped(advisor: Advisor) -> None:
    """After a change of the base, its words or the features' code: python -m bot learn knowledge/fitted"""
    base = advisor.base
    _, learned_from = read_model(_shipped(base.reader.encoder) / MODEL_FILE, base.library.lexicon.grammar)
    assert learned_from == fingerprint(base.library, base.data, base.reader.encoder.name)


def _shipped(encoder: Encoder) -> Path:
    return shipped_knowledge() / FITTED_FOLDER / encoder.short_name


def _marks(library: Library) -> str:
    return fingerprint(library, training_set(library, Slang(library.lexicon.slang)), "an encoder")


def test_a_changed_word_list_changes_the_fingerprint(library: Library) -> None:
    lexicon = library.lexicon
    grammar = lexicon.grammar
    boss = lexicon.people["boss"]
    changed = [
        replace(lexicon, slang={**lexicon.slang, "zzz": "asleep"}),
        replace(lexicon, people={**lexicon.people, "boss": replace(boss, words=(*boss.words, "gaffer"))}),
        replace(lexicon, platforms={}),
        replace(lexicon, grammar=grammar.model_copy(update={"negations": grammar.negations | {"nae"}})),
        replace(
            lexicon, grammar=grammar.model_copy(update={"deeds": {**grammar.deeds, "follow": frozenset({"follow"})}})
        ),
        replace(lexicon, grammar=grammar.model_copy(update={"forms": {**grammar.forms, "why": "why"}})),
    ]
    marks = [_marks(replace(library, lexicon=each)) for each in (lexicon, *changed)]
    assert len(set(marks)) == len(marks)
    assert _marks(library) == marks[0]


def test_sparse_features_agree_with_scikit_learn() -> None:
    texts = ["do i follow back", "follow me back please", "i unfollow you", "back to the follow"]
    vocabulary = build_vocabulary(texts, Grammar())
    block = vocabulary.blocks[0]
    assert block.find is words
    reference = TfidfVectorizer(analyzer=words, min_df=block.least, sublinear_tf=True).fit(texts)
    for text in texts:
        indices, values = vocabulary.sparse(text)
        names = {column: name for name, (column, _) in vocabulary.columns.items()}
        ours = {
            names[int(i)][2:]: float(v) for i, v in zip(indices, values, strict=True) if names[int(i)].startswith("w:")
        }
        row = reference.transform([text]).toarray()[0] * block.weight
        theirs = {str(name): value for name, value in zip(reference.get_feature_names_out(), row, strict=True) if value}
        assert ours == pytest.approx(theirs, rel=1e-4)


def test_a_new_entry_works_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    wordings = [
        "do we follow back everybody in the promo channel",
        "is everyone in promo followed back here",
        "in #promo must i return each follow",
        "promo channel rule about following back",
    ]
    listed = "\n".join(f"      - {wording!r}" for wording in wordings)
    (folder / "house.yaml").write_text(
        "topic: follow_back\nentries:\n  - id: house-promo\n"
        "    question: Do we follow back everybody in the promo channel?\n"
        f"    examples:\n{listed}\n    verdict: 'yes'\n    advice: Yes, in the promo channel we all do.\n"
    )
    own = Settings(knowledge=(folder,), shipped_knowledge=False, data_folder=tmp_path / "data")
    advisor = Advisor.open(own)
    ranking = advisor.rank(advisor.read("is everybody followed back in promo"))
    assert ranking.matches[0].entry.id == "house-promo"
    assert (tmp_path / "data" / "matching" / advisor.base.reader.encoder.short_name / MODEL_FILE).is_file()
    opened = Advisor.open(own)
    again = opened.rank(opened.read("is everybody followed back in promo"))
    assert np.isclose(again.ours, ranking.ours)


def test_broken_kept_files_are_ignored(tmp_path: Path) -> None:
    shipped = (_shipped(default_encoder()) / MODEL_FILE).read_bytes()
    path = tmp_path / MODEL_FILE
    for content in (b"PK\x03\x04 cut short", b"", shipped[: len(shipped) // 2], b"no archive at all"):
        path.write_bytes(content)
        with pytest.raises(UnusableModel):
            read_model(path, Grammar())
    with pytest.raises(UnusableModel):
        read_model(tmp_path / "none.npz", Grammar())


def test_foreign_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import bot.matching.encoder.minilm as encoder

    monkeypatch.setattr(encoder, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EncoderUnavailable, match="not the ones"):
        encoder.convert(tmp_path)


def test_vectors_do_not_depend_on_their_neighbors(advisor: Advisor) -> None:
    encoder = default_encoder()
    alone = encoder.encode("do i owe a follow")
    encoder.encode("something else altogether")
    assert np.array_equal(alone, encoder.encode("do i owe a follow"))


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("a coworker followed me, do i owe them a follow back", "friend-follows-you"),
        ("a client follows me now, must i follow them too", "friend-follows-you"),
        ("my sister follows me, do i have to follow back", "boss-or-client-follows-you"),
    ],
)
def test_an_entry_about_other_people_is_not_the_answer(advisor: Advisor, question: str, wrong: str) -> None:
    # its words to send would embarrass whoever sends them
    answer = advisor.ask(question)
    assert answer.entry is not None
    assert answer.entry.id != wrong
    assert answer.entry.topic == "follow_back"
