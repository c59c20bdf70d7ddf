"""Who did what to whom, and what is asked about it, as features.

Most topics differ in direction alone ("they unfollowed me", "I unfollowed them"; "she declined my request", "how do I
decline hers"), which neither n-grams nor sentence vectors tell apart well. This reads it off the words around
each verb: a subject before it, an object behind it, a negation, a "back". The words are the lexicon's grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.guidance.grammar import Grammar
from bot.matching.text import WORD


def relations(expanded: str, grammar: Grammar) -> list[str]:
    """Feature names found in a cleaned text with slang expanded (see `text`). The order is that of appearance."""
    tokens = WORD.findall(expanded)
    found = [f"form:{name}" for name, pattern in grammar.compiled_forms if pattern.search(expanded)]
    found.extend(_actions(tokens, grammar))
    found.extend(_possessions(tokens, grammar))
    return found


def _actions(tokens: Sequence[str], grammar: Grammar) -> Iterator[str]:
    for at, token in enumerate(tokens):
        action = grammar.deed_of.get(token)
        if action is None:
            continue
        behind = tokens[at + 1 : at + 4]
        before = tokens[max(0, at - 5) : at]
        subject = _subject(before, grammar)
        target = _object(behind, grammar)
        if target == "" and subject != "i" and before and before[-1] in grammar.passive and token.endswith(("ed", "d")):
            target = "me"
        negated = any(word in grammar.negations for word in before[-4:])
        back = "back" in behind
        yield f"act:{action}:{subject}:{target}"
        yield f"act:{action}:{subject}"
        if target:
            yield f"act:{action}::{target}"
        if negated:
            yield f"not:{action}:{subject}:{target}"
        if back:
            yield f"back:{action}:{subject}:{target}{':not' if negated else ''}"


def _subject(before: Sequence[str], grammar: Grammar) -> str:
    for word in reversed(before):
        if word in grammar.asker:
            return "i"
        if word in grammar.others:
            return "they"
        if word in {"?", "!"}:
            break
    return ""


def _object(behind: Sequence[str], grammar: Grammar) -> str:
    for word in behind:
        if word in grammar.to_asker:
            return "me"
        if word in grammar.to_others:
            return "them"
        if word in {"?", "!", "i", "and", "but"}:
            break
    return ""


def _possessions(tokens: Sequence[str], grammar: Grammar) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if token not in grammar.things:
            continue
        for word in reversed(tokens[max(0, at - 3) : at]):
            if word in grammar.asker_owns:
                yield f"own:{token}:mine"
                break
            if word in grammar.others_own:
                yield f"own:{token}:theirs"
                break
        if "from" in tokens[at + 1 : at + 3]:
            yield f"own:{token}:from"
