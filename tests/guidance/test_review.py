"""What a review of an entry's texts says, and what it leaves alone."""

from __future__ import annotations

import pytest

from bot.guidance.models import Entry, Library, Verdict
from bot.guidance.review import review


def remarks(library: Library, **parts: object) -> list[str]:
    entry = Entry.model_validate(
        {"id": "x", "question": "May I skip the party?", "verdict": "no_obligation", "advice": "Stay home.", **parts}
    )
    return [f"{'.'.join(map(str, place))}: {message}" for place, message in review(entry, library.lexicon)]


def test_the_shipped_answers_meet_the_situation_and_their_words_fit(library: Library) -> None:
    found = {entry.id: [message for _, message in review(entry, library.lexicon)] for entry in library.entries}
    assert {name: messages for name, messages in found.items() if messages} == {}


@pytest.mark.parametrize("advice", ["No. Stay.", "no", "Yes, do.", "Nope - stay home.", "Yeah! Go."])
def test_a_bare_yes_or_no_is_remarked_upon(library: Library, advice: str) -> None:
    (remark,) = remarks(library, advice=advice)
    assert remark.startswith(f"advice: the advice begins with a bare '{advice.split()[0].rstrip('.,!')}':")


@pytest.mark.parametrize("advice", ["No notice is needed.", "Nobody minds.", "Yesterday is over.", "You may, yes."])
def test_other_words_that_begin_so_are_not(library: Library, advice: str) -> None:
    assert remarks(library, advice=advice) == []


def test_a_yes_over_a_no_is_named(library: Library) -> None:
    (remark,) = remarks(library, verdict=Verdict.YES, advice="No. Public posts are there to be read.")
    assert "under the verdict 'yes'" in remark


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"say": {"warm": "Thank you! Count me in."}}, "Count me in"),
        ({"say": {"brief": "Just added you back."}}, "added you back"),
        ({"verdict": "how_to", "question": "How do I decline?", "say": {"firm": "See you there!"}}, "See you there"),
        ({"say": {"warm": "I can't stay long. I\u2019ll be there."}}, "I'll be there"),
    ],
)
def test_words_that_accept_what_is_declined(library: Library, parts: dict[str, object], said: str) -> None:
    (remark,) = remarks(library, **parts)
    assert remark.startswith("say.")
    assert f"'{said}'" in remark


@pytest.mark.parametrize("example", ["- skip it?", "• skip it?", "'skip it?'"])
def test_marks_of_a_list_in_a_block_are_remarked_upon(library: Library, example: str) -> None:
    (remark,) = remarks(library, examples=["skip it?", '"you must come"', example])
    assert remark.startswith("examples.2: dashes and quotes are not needed")


@pytest.mark.parametrize(
    "parts",
    [
        {"say": {"warm": "I'm sorry that I haven't added you back."}},
        {"say": {"warm": "If I can, I'll be there."}},
        {"verdict": "yes", "say": {"warm": "Count me in!"}},
        {"verdict": "how_to", "question": "How do I answer praise?", "say": {"warm": "Happy to join the thanks."}},
    ],
)
def test_words_that_fit_are_left_alone(library: Library, parts: dict[str, object]) -> None:
    assert remarks(library, **parts) == []
