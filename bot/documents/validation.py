"""From a document to a model, or to every fault in words that a writer can act on: one translator for all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.documents.faults import MOST_FAULTS, Fault, UnusableFile, nearest
from bot.documents.plain_text import printable
from bot.documents.yaml_text import Block, Document, Location, read_yaml

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")
Source = TypeVar("Source")

MOST_SHOWN = 60
"""Characters of a faulty value that a message repeats."""
MOST_HINTS = 20
"""Messages of one document with a hint at the nearest known word: each is looked for among all known ones."""
AT_ONCE = 50
"""Items of a long list that are validated together: after them, it is seen whether there are faults enough."""

_BY_TYPE: Mapping[str, str] = {
    "extra_forbidden": "unknown key '{name}'{hint}; known are {known}",
    "missing": "'{name}' is missing",
    "enum": "unknown {kind} '{value}'{hint}; known are {known}",
    "string_type": "'{name}' must be text{instead}",
    "string_too_short": "'{name}' is empty",
    "string_too_long": "'{name}' is too long: {length} characters, at most {max_length}",
    "string_pattern_mismatch": "'{value}' is no identifier: use lower-case letters, digits, '-' and '_'",
    "tuple_type": "'{name}' must be a list{instead}",
    "list_type": "'{name}' must be a list{instead}",
    "too_short": "'{name}' needs at least {min_length} item(s)",
    "too_long": "'{name}' needs at most {max_length} item(s)",
    "dict_type": "'{name}' must be a mapping (key: value){instead}",
    "mapping_type": "'{name}' must be a mapping (key: value){instead}",
    "model_type": "'{name}' must be a mapping (key: value){instead}",
    "model_attributes_type": "'{name}' must be a mapping (key: value){instead}",
    "bool_type": "'{name}' must be true or false",
    "bool_parsing": "'{name}' must be true or false",
    # our own, see `mistake`
    "empty_list": "'{name}' needs at least one item",
    "too_many": "'{name}' has {number} items; at most {most} are taken",
    "one_line": "'{name}' must be a list: write '{key}: |', and below it, indented, one a line",
    "unknown_topic": "unknown topic '{value}'{hint}; known are {known}",
    "unknown_source": "unknown source '{value}'{hint}; known are {known}",
    "unknown_blank": "unknown blank '{value}': known are {known}",
    "no_channel": "'{value}' in '{name}' is no channel's id: give the number that Discord's 'Copy Channel ID' copies",
    "lonely_brace": "a brace without its partner: a blank looks like {{name}}",
    "no_text": "'{name}' must be text",
    "no_plural": "'{name}' must be text: without a {{count}} there is no plural",
    "unknown_plural": "unknown plural category '{value}' in '{name}'{hint}; known are {known}",
    "no_other": "'{name}' needs a text for 'other'",
    "ids_without_count": "'{name}': 'ids' needs 'count': say how many shards there are in all",
    "ids_above_count": "'{name}': 'ids' must be below 'count' ({count})",
}
"""What is said of each type of error. Filled in: the part's `name` and last `key`, the faulty `value` and its `length`,
what stands there `instead`, what is `known` there with a `hint` at the nearest, and all of the error's own context."""
_OTHERWISE = "'{name}': {message}"


def mistake(kind: str, **values: object) -> PydanticCustomError:
    """What a validator of ours raises: an error of a type that has its words above, and the values to fill them in."""
    return PydanticCustomError(kind, kind.replace("_", " "), values)


class Collector:
    """Reads many files and keeps the faults of all of them, so that a writer is told everything at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.more = False
        """Whether a file has faults that were not kept."""

    def read(self, paths: Iterable[Path]) -> list[Document]:
        """The documents of those YAML files that could be read."""
        return self._each(paths, read_yaml)

    def validate(
        self, documents: Iterable[Document], model: type[Model], context: Any = None
    ) -> list[tuple[Document, Model]]:
        """Those documents that are a `model`, each with it; see `validate`."""
        return self._each(documents, lambda document: (document, validate(document, model, context)))

    def stop_at_faults(self) -> None:
        """Raises `UnusableFile` with all faults so far, if there are any."""
        if self.faults:
            raise UnusableFile(self.faults, more=self.more)

    def _each(self, sources: Iterable[Source], read: Callable[[Source], Item]) -> list[Item]:
        found: list[Item] = []
        for source in sources:
            try:
                found.append(read(source))
            except UnusableFile as error:
                self.faults.extend(error.faults)
                self.more |= error.more
        return found


def validate(document: Document, model: type[Model], context: Any = None) -> Model:
    """The document's data as `model`; `context` is what its validators may look at, such as which topics there are.

    Raises `UnusableFile` with the first faults, as many as are told at once, each with its line.
    """
    if not isinstance(document.data, dict):
        first = next(iter(model.model_fields))
        raise UnusableFile([document.fault((), f"the file must be a mapping, such as '{first}: ...'")])
    made: Model | None = None
    lists: dict[str, list[Any]] = {}
    faults: list[Fault] = []
    more = False
    hint = _Hints()
    for name, start, data in _parts(document.data, model):
        if len(faults) >= MOST_FAULTS:
            more = True
            break
        try:
            part = model.model_validate(data, context=context)
        except ValidationError as error:
            told = _told(error, model, hint, name, start)
            faults.extend(document.fault(place, words) for place, words in islice(told, MOST_FAULTS + 1))
        else:
            made = made or part
            if name is not None:
                lists.setdefault(name, list(getattr(made, name))).extend(getattr(part, name))
    if faults or made is None:
        raise UnusableFile(faults, more=more)
    return made.model_copy(update={name: tuple(items) for name, items in lists.items()}) if lists else made


def _parts(data: Mapping[str, Any], model: type[BaseModel]) -> Iterator[tuple[str | None, int, dict[str, Any]]]:
    """The data with the beginnings of its long lists, and then what is left of each, part by part.

    Each with the list's name and the number of its first item there; None and 0 for the first.
    """
    long = {name: data[name] for name in model.model_fields if _is_long(data.get(name))}
    yield None, 0, {**data, **{name: items[:AT_ONCE] for name, items in long.items()}}
    needed = {name: data[name] for name, field in model.model_fields.items() if field.is_required() and name in data}
    for name, items in long.items():
        for start in range(AT_ONCE, len(items), AT_ONCE):
            begun = {key: value[:1] if _is_long(value) else value for key, value in needed.items()}
            yield name, start, {**begun, name: items[start : start + AT_ONCE]}


def _is_long(value: object) -> bool:
    return isinstance(value, list) and len(value) > AT_ONCE


def in_words(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Location, str]]:
    """Each of pydantic's errors in `model`'s data as where it is and one line for whoever wrote it.

    A missing part is where it would go. The value is not repeated when the model hides its input: it may be a secret.
    """
    return _told(error, model, _Hints())


class _Hints:
    """Looks for the nearest known word, and no longer after so many times."""

    def __init__(self) -> None:
        self.left = MOST_HINTS

    def __call__(self, word: str, known: Sequence[str]) -> str:
        if not known or not self.left:
            return ""
        self.left -= 1
        return nearest(word, known)


def _told(
    error: ValidationError, model: type[BaseModel], hint: _Hints, only: str | None = None, start: int = 0
) -> Iterator[tuple[Location, str]]:
    """See `in_words`. `only`: of the errors in the list of that name, whose first item here is its number `start`."""
    hidden = bool(model.model_config.get("hide_input_in_errors"))
    for detail in error.errors(include_url=False, include_input=not hidden):
        place = detail["loc"]
        if only is not None:
            if place[:1] != (only,):
                continue
            if isinstance(place[1], int):
                detail["loc"] = (only, place[1] + start, *place[2:])
        yield _in_words(detail, model, hidden, hint)


def _in_words(detail: ErrorDetails, model: type[BaseModel], hidden: bool, hint: _Hints) -> tuple[Location, str]:
    location: Location = tuple(part for part in detail["loc"] if part != "[key]")
    expected = _expected(model, detail["loc"])
    # a value that is hidden is in no message; pydantic's own words never hold it
    value = "..." if hidden else detail.get("input")
    known, kind = _known(_expected(model, location[:-1]) if detail["type"] == "extra_forbidden" else expected)
    context = {**detail.get("ctx", {})}
    if "known" in context:
        known = tuple(map(str, context.pop("known")))
    wrong = context.pop("value", location[-1] if detail["type"] == "extra_forbidden" else value)
    template = _BY_TYPE.get(detail["type"], _OTHERWISE)
    if detail["type"] == "extra_forbidden" and not known:
        template = "unknown key '{name}'"
    values: dict[str, Any] = {
        "name": _name(location),
        "key": _shown(location[-1]) if location else "",
        "value": _shown(wrong),
        "length": len(value) if isinstance(value, str) else 0,
        "instead": "" if hidden else _instead(value),
        "hint": hint(_shown(wrong), known) if "{hint}" in template else "",
        "known": ", ".join(known),
        "kind": kind,
        "message": detail["msg"].removeprefix("Value error, "),
    }
    place = location[:-1] if detail["type"] == "missing" else location
    return place, printable(template.format(**{**context, **values}))


def _shown(value: object) -> str:
    """The beginning of a part as a message repeats it; of a list or mapping only what it is, which is not long."""
    return printable(str(value)[:MOST_SHOWN]) if isinstance(value, str | int | float | None) else _kind_of(value)


def _name(location: Location) -> str:
    """The keys that lead to a part, from the innermost item of a list on: `say.warm`, `shards.count`, `examples`."""
    parts = list(location)
    while parts and isinstance(parts[-1], int):
        parts.pop()
    numbers = [at for at, part in enumerate(parts) if isinstance(part, int)]
    return ".".join(_shown(part) for part in parts[numbers[-1] + 1 if numbers else 0 :]) or "the file"


def _instead(value: Any) -> str:
    if value is None:
        return ", and is empty"
    return f", not {_kind_of(value)}"


def _kind_of(value: object) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "text"


def _known(expected: Any) -> tuple[tuple[str, ...], str]:
    """What may stand where `expected` is the type: a model's keys or an enumeration's members, and what they are."""
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return tuple(field.alias or name for name, field in expected.model_fields.items()), "key"
    if isinstance(expected, type) and issubclass(expected, Enum):
        return tuple(str(member.value) for member in expected), expected.__name__.lower()
    return (), "value"


def _expected(model: type[BaseModel], location: Sequence[str | int]) -> Any:
    """The type that the part at `location` should have, as far as the model says; None where it says nothing."""
    expected: Any = model
    for at, part in enumerate(location):
        if isinstance(expected, type) and issubclass(expected, BaseModel):
            fields = expected.model_fields
            found = next((field for name, field in fields.items() if (field.alias or name) == part), None)
            expected = _bare(found.annotation) if found is not None else None
            continue
        arguments = get_args(expected)
        if part == "[key]" or not arguments:
            return expected
        is_mapping = len(arguments) == 2 and arguments[1] is not Ellipsis
        key_next = is_mapping and tuple(location[at + 1 : at + 2]) == ("[key]",)
        expected = _bare(arguments[1] if is_mapping and not key_next else arguments[0])
    return expected


def _bare(annotation: Any) -> Any:
    """An annotation without its constraints and without None."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        return _bare(next(each for each in get_args(annotation) if each is not type(None)))
    return annotation


def _from_block(value: object) -> object:
    """A block's items as a list. Refuses other text, which YAML has folded into one line."""
    if isinstance(value, Block):
        return [text for _, text in value.items()]
    if isinstance(value, str):
        raise mistake("one_line")
    return value


def _not_empty(value: object) -> object:
    """Refuses an empty list before its items are looked at, so that a faulty item is not also counted as missing."""
    if isinstance(value, list) and not value:
        raise mistake("empty_list")
    return value


NotEmpty = BeforeValidator(_not_empty)
"""Marks a list that needs an item."""


def at_most(most: int) -> BeforeValidator:
    """Marks a list, a block or a mapping that has at most so many items: they are counted before one is looked at."""

    def count(value: object) -> object:
        number = len(value.items() if isinstance(value, Block) else value if isinstance(value, list | dict) else ())
        if number > most:
            raise mistake("too_many", number=f"{number:,}", most=most)
        return value

    return BeforeValidator(count)


Lines = Annotated[tuple[Item, ...], BeforeValidator(_from_block)]
"""A list whose items may also be written one a line under `|`, unquoted; see `Block`."""
SomeLines = Annotated[tuple[Item, ...], NotEmpty, BeforeValidator(_from_block)]
"""The same, with one item at least."""
