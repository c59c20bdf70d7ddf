"""README.md says of the terminal what `--help` says: `python -m tools.readme` writes it there.

Written are the tables from `<!-- commands -->` and `<!-- options -->` to the next `<!-- end -->`, and what the
`console` blocks print. `--check` writes nothing, and exits with 1 if a table is not what it should be.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from bot.cli import cli
from tools.blocks import ROOT, alike, blocks, session

README = ROOT / "README.md"
NAME = "rsvno"


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands: its usage without options, what it does, and its options with theirs."""

    name: str
    usage: str
    does: str
    options: tuple[tuple[str, str], ...]


def commands() -> list[Command]:
    """All commands of the terminal, in the order in which they are written there; a group's after the group's own."""
    return list(_commands(cli, click.Context(cli, info_name=NAME), NAME))


def _commands(command: click.Command, context: click.Context, usage: str) -> Iterator[Command]:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    # what `--help` itself is need not be said at each
    records = tuple(record for option in options if (record := option.get_help_record(context)) is not None)
    if not isinstance(command, click.Group):
        arguments = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
        yield Command(context.command_path, " ".join([usage, *arguments]), _first_paragraph(command), records)
        return
    if records:
        yield Command(context.command_path, "", "", records)
    needed = [f" {option.opts[0]} {option.make_metavar(context)}" for option in options if option.required]
    for name, below in command.commands.items():
        inner = click.Context(below, info_name=name, parent=context)
        yield from _commands(below, inner, f"{usage}{''.join(needed)} {name}")


def _first_paragraph(command: click.Command) -> str:
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def commands_table() -> str:
    """Markdown: what each command does."""
    return _table(["command", "does"], [(f"`{row.usage}`", row.does) for row in commands() if row.usage])


def options_table() -> str:
    """Markdown: what each option does; a command's name stands at the first of its options."""
    rows = [
        (f"`{row.name}`" if index == 0 else "", f"`{option}`", " ".join(says.split()))
        for row in commands()
        for index, (option, says) in enumerate(row.options)
    ]
    return _table(["command", "option", "does"], rows)


def with_tables(text: str) -> str:
    """The README's text with both tables as they should be. Raises `ValueError` if a table has no place."""
    for name, table in (("commands", commands_table()), ("options", options_table())):
        places = list(re.finditer(rf"(?<=<!-- {name} -->\n).*?(?=<!-- end -->)", text, re.DOTALL))
        if len(places) != 1:
            raise ValueError(f"README.md has {len(places)} places for the table of {name} instead of one")
        text = f"{text[: places[0].start()]}\n{table}\n{text[places[0].end() :]}"
    return text


def with_outputs(text: str) -> str:
    """The README's text with what its `console` blocks print today; one that differs in percentages alone stays."""
    lines = text.splitlines(keepends=True)
    for block in reversed(blocks(README.name)):
        if block.language == "console" and block.not_run is None:
            printed = session(block.text, ROOT)
            if not alike(printed, block.text):
                lines[block.first : block.end] = printed.splitlines(keepends=True)
    return "".join(lines)


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a table is not what it should be.")
def main(check: bool) -> None:
    """Writes README.md's tables and outputs anew."""
    text = README.read_text(encoding="utf-8")
    if check:
        if with_tables(text) != text:
            raise click.ClickException("README.md is not what --help says: python -m tools.readme")
        return
    README.write_text(with_tables(with_outputs(text)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
