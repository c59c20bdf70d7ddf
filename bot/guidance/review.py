"""What a reader would stumble over in an entry's texts: nothing is broken, and still it should be written otherwise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from bot.documents.yaml_text import Location
from bot.guidance.models import Entry, Lexicon, PlainWords, Verdict

Remark = tuple[Location, str]
"""Where in the entry, and what."""

_SENTENCE = re.compile(r"[^.!?;\n]+")


def review(entry: Entry, lexicon: Lexicon) -> Iterator[Remark]:
    """All remarks on one entry, judged by the lexicon's plain words."""
    yield from _bare_answer(entry, lexicon.plain)
    yield from _contradicting_words(entry, lexicon.plain)
    yield from _marks_of_a_list(entry)


def _bare_answer(entry: Entry, plain: PlainWords) -> Iterator[Remark]:
    """An answer that begins with a bare yes or no: below its headline that repeats, or contradicts."""
    for words, other in ((plain.yes, Verdict.NO), (plain.no, Verdict.YES)):
        found = re.match(rf"(?:{_any_of(words)})(?=\s*(?:[.,;:!?\u2013\u2014]|-\s|$))", entry.advice, re.IGNORECASE)
        if found is None:
            continue
        against = f", under the verdict '{entry.verdict}'" if entry.verdict is other else ""
        message = f"the advice begins with a bare '{found[0]}'{against}: begin with what meets the person's situation"
        yield ("advice",), message


def _contradicting_words(entry: Entry, plain: PlainWords) -> Iterator[Remark]:
    """Words to send that accept, where the verdict is against it, or the entry tells how to decline."""
    about_declining = re.search(rf"\b(?:{_any_of(plain.declining)})\b", entry.question, re.IGNORECASE)
    declines = entry.verdict in (Verdict.NO, Verdict.NO_OBLIGATION)
    if not declines and not (entry.verdict is Verdict.HOW_TO and about_declining):
        return
    for tone, text in entry.say.items():
        said = next(_said(text, plain.accepting, plain.unsaid), None)
        if said is not None:
            yield ("say", str(tone)), f"'{said}' accepts what this entry is there to decline"


def _marks_of_a_list(entry: Entry) -> Iterator[Remark]:
    """Examples with the dash or the single quotes that a list has; in double quotes, people say what they were told."""
    for number, example in enumerate(entry.examples):
        if example.startswith(("- ", "\u2022 ")) or re.fullmatch("'.+'", example):
            yield ("examples", number), f"dashes and quotes are not needed under 'examples: |': {example[:60]}"


def _said(text: str, phrases: Collection[str], unsaid: Collection[str]) -> Iterator[str]:
    """The phrases that a text says and does not take back before, in the same sentence."""
    for sentence in _SENTENCE.findall(text.replace("\u2019", "'")):
        found = re.search(rf"\b(?:{_any_of(phrases)})\b", sentence, re.IGNORECASE)
        if found and not re.search(rf"\b(?:{_any_of(unsaid)})\b", sentence[: found.start()], re.IGNORECASE):
            yield found[0]


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, the longest first; for none, one that matches nothing."""
    return "|".join(re.escape(each) for each in sorted(phrases, key=len, reverse=True)) or r"(?!)"
