"""The terminal: one function a subcommand. `python -m bot COMMAND`, also installed as `rsvno`.

Exit codes: 0 done; 1 a check failed; 2 wrong usage or unusable input, said in clear lines on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from bot import __version__
from bot.configuration import Settings, knowledge_folders, load_settings
from bot.documents.faults import AND_MORE, Fault, RsvnoError, nearest
from bot.terminal.output import as_json as json_line
from bot.terminal.output import say, say_lines, show_in_any_encoding

if TYPE_CHECKING:
    from bot.advice.advisor import Advisor

Result = TypeVar("Result")

DONE, FAILED, UNUSABLE = 0, 1, 2
SERVER_ID = click.IntRange(1, 2**63 - 1)
"""As Discord numbers servers."""
DEFAULT_CONFIG = Path("config.yaml")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the terminal and exits; never shows a traceback for what a person did wrong."""
    show_in_any_encoding()
    try:
        code = cli.main(args=arguments, prog_name="rsvno", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except RsvnoError as error:
        for line in error.lines:
            say(line, error=True)
        sys.exit(UNUSABLE)
    except click.ClickException as error:
        error.show()
        sys.exit(UNUSABLE)
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has gone, as `head` does: nothing is wrong, and nobody is left to tell
        sys.stdout = None
        sys.exit(DONE)


def _say_faults(faults: Iterable[Fault]) -> None:
    for fault in faults:
        say(fault, error=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="rsvno")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The settings' file. Default: config.yaml in this folder, if there is one.",
)
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """RSVNo: should I follow back? May I ignore this request? How do I say no, kindly?"""
    context.obj = config


def _settings(context: click.Context) -> Settings:
    named: Path | None = context.obj
    if named is None and DEFAULT_CONFIG.is_file():
        named = DEFAULT_CONFIG
    return load_settings(named)


@cli.command()
@click.argument("text", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a card.")
@click.option(
    "--stdin",
    "from_stdin",
    is_flag=True,
    help="Read a question a line, write a JSON object a line, in order, as they come.",
)
@click.option("--overhear", is_flag=True, help="As for a chat message that nobody addressed to us: silent unless sure.")
@click.option("--server", type=SERVER_ID, metavar="ID", help="Also with this server's own guidance.")
@click.option("--after", metavar="ENTRY", help='As said after this entry\'s answer: "why", "what if they ask again".')
@click.pass_context
def ask(
    context: click.Context,
    text: tuple[str, ...],
    as_json: bool,
    from_stdin: bool,
    overhear: bool,
    server: int | None,
    after: str | None,
) -> int:
    """Answers one question: a verdict, the reason, and words to send."""
    if from_stdin and text:
        raise click.UsageError("--stdin reads the questions from standard input: leave TEXT out")
    if after is not None and (overhear or from_stdin):
        raise click.UsageError("--after is for one question that was put to us: leave --overhear and --stdin out")
    if not from_stdin and not text:
        raise click.UsageError("what is the question? For example: rsvno ask do i have to follow back")
    from bot.matching.policies import Policy

    policy = Policy.OVERHEAR if overhear else Policy.ASK
    advisor = _advisor(context, server)
    if from_stdin:
        for line in _with_progress(_lines(sys.stdin.buffer)):
            advice = advisor.advise(advisor.read(line), policy)
            sys.stdout.write(json_line(advice.as_json()) + "\n")
            sys.stdout.flush()
        return DONE
    asked = _printable(" ".join(text))
    if after is not None:
        return _ask_after(advisor, after, asked, as_json)
    advice = advisor.advise(advisor.read(asked), policy)
    if as_json:
        say(json_line(advice.as_json()))
        return DONE
    from rich.console import Console

    from bot.terminal.cards import print_advice

    print_advice(Console(), advice, advisor.library)
    return DONE


def _ask_after(advisor: Advisor, entry_id: str, text: str, as_json: bool) -> int:
    """What is answered to a text that follows the answer of an entry."""
    from rich.console import Console

    from bot.advice.conversation import follow_up
    from bot.terminal.cards import print_turn

    earlier = advisor.find(entry_id)
    if earlier is None:
        known = [*advisor.library.by_id, *(entry.id for entry in advisor.own_entries)]
        raise click.UsageError(f"--after: there is no entry '{entry_id}'{nearest(entry_id, known)}")
    turn = follow_up(advisor, earlier, text)
    if as_json:
        say(json_line({"wish": str(turn.wish), **turn.advice.as_json()}))
    else:
        print_turn(Console(), turn, advisor.library)
    return DONE


@cli.command()
@click.argument("question", nargs=-1, required=True)
@click.option("--server", type=SERVER_ID, metavar="ID", help="Also with this server's own guidance.")
@click.option(
    "--most", type=click.IntRange(1, 50), metavar="COUNT", default=8, show_default=True, help="Entries to list."
)
@click.pass_context
def test(context: click.Context, question: tuple[str, ...], server: int | None, most: int) -> int:
    """Shows how a question is matched: the entries that come first, with scores, and what would be answered."""
    from rich.console import Console

    from bot.terminal.inspecting import print_inspection

    advisor = _advisor(context, server)
    print_inspection(Console(), advisor.inspect(_printable(" ".join(question)), most), advisor.hidden)
    return DONE


def _advisor(context: click.Context, server: int | None) -> Advisor:
    """The advisor of the settings, with one server's guidance where an id is given."""
    advisor = _open(_settings(context))
    if server is None:
        return advisor
    from bot.terminal.servers import within_server

    return _on_database(context, lambda database: within_server(database, server, advisor))


def _open(settings: Settings) -> Advisor:
    """The advisor of these settings. What takes long, the first time on a machine, is told on stderr."""
    from bot.advice.advisor import Advisor

    if not sys.stderr.isatty():
        return Advisor.open(settings, busy=_told)
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return Advisor.open(
        settings,
        lambda texts: track(texts, description="Reading what changed", console=console, transient=True),
        console.status,
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    say(f"{what}...", error=True)
    yield


def _lines(stream: Iterable[bytes]) -> Iterator[str]:
    for raw in stream:
        yield raw.decode("utf-8", errors="replace").rstrip("\r\n")


def _printable(text: str) -> str:
    # an argument that is not UTF-8 arrives with surrogates, which no stream can print
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _with_progress(lines: Iterator[str]) -> Iterator[str]:
    """A bar on stderr when a person is watching and the questions come from a file or a pipe."""
    if not sys.stderr.isatty() or sys.stdin.isatty() or sys.stdout.isatty():
        yield from lines
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(lines, description="Asking", console=Console(stderr=True), total=None)


@cli.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--encoder",
    type=click.Choice(["mpnet", "minilm"]),
    help="Of which encoder. Default: the one in use.",
)
@click.pass_context
def learn(context: click.Context, folder: Path | None, encoder: str | None) -> int:
    """Learns from the guidance in use, and writes a model to FOLDER (default: where the next start looks for it).

    A start learns by itself what changed, in seconds, but goes on with what the shipped model says of scores; this
    fits that anew, too, and takes some minutes.
    """
    from rich.console import Console

    from bot.terminal.learning import learn_and_keep

    settings = _settings(context)
    learn_and_keep(settings, folder or settings.data_folder / "matching", encoder, Console(stderr=True))
    return DONE


@cli.command(name="try")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="PORT", default=8710, show_default=True, help="The page's port."
)
@click.option("--fresh", is_flag=True, help="Begin anew: forget people, messages and data of earlier times.")
@click.option("--no-open", is_flag=True, help="Do not open the browser.")
@click.pass_context
def try_it(context: click.Context, port: int, fresh: bool, no_open: bool) -> int:
    """The real bot on a Discord of its own, and a page in the browser to use it. No token, no account."""
    try:
        from bot.trying import run_trial
    except ModuleNotFoundError as error:
        if error.name != "simcord":
            raise
        raise click.UsageError("'try' needs its extra: pip install 'rsvno[try]'") from None
    import asyncio

    from bot.chat.kit.logs import set_up_logging

    set_up_logging("WARNING")
    asyncio.run(run_trial(_settings(context), port, fresh=fresh, open_page=not no_open, say=say_lines))
    return DONE


@cli.group()
@click.option("--server", type=SERVER_ID, metavar="ID", required=True, help="The server, by its id on Discord.")
@click.pass_context
def guidance(context: click.Context, server: int) -> None:
    """One server's own guidance."""
    context.meta["server"] = server


@guidance.command(name="list")
@click.pass_context
def list_own(context: click.Context) -> int:
    """Lists a server's entries, and the built-in ones that it hides."""
    from bot.terminal.servers import list_guidance

    lines = _on_database(context, lambda database: list_guidance(database, context.meta["server"]))
    for line in lines or ["no entries of its own"]:
        say(line)
    return DONE


@guidance.command(name="add")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def add_own(context: click.Context, file: Path) -> int:
    """Adds and changes a server's entries from FILE, all or none."""
    from bot.guidance.loading import load_library, shipped_knowledge
    from bot.terminal.servers import add_guidance

    library = load_library([shipped_knowledge()])
    say(_on_database(context, lambda database: add_guidance(database, context.meta["server"], file, library)))
    return DONE


@guidance.command(name="export")
@click.pass_context
def export_own(context: click.Context) -> int:
    """Writes a server's entries to standard output, in the form that `add` takes."""
    from bot.terminal.servers import export_guidance

    exported: str = _on_database(context, lambda database: export_guidance(database, context.meta["server"]))
    # a file, whatever the console's encoding is
    sys.stdout.buffer.write(exported.encode())
    return DONE


@cli.command()
@click.option("--server", type=SERVER_ID, metavar="ID", help="One server; all together if left out.")
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    metavar="DAYS",
    default=30,
    show_default=True,
    help="So far back, until today.",
)
@click.option("--csv", type=click.Path(path_type=Path), help="Also write the counters as a table.")
@click.option("--chart", type=click.Path(path_type=Path), help="Also draw the picture, as PNG.")
@click.pass_context
def stats(context: click.Context, server: int | None, days: int, csv: Path | None, chart: Path | None) -> int:
    """What people asked on a server, or on all of them."""
    from bot.terminal.servers import stats_lines

    for line in _on_database(context, lambda database: stats_lines(database, server, days, csv, chart)):
        say(line)
    return DONE


@cli.group()
def db() -> None:
    """The database's life."""


@db.command()
@click.pass_context
def upgrade(context: click.Context) -> int:
    """Brings the schema up to date, after a copy of a SQLite file."""
    from bot.storage.backup import upgrade as upgrade_database

    say(f"schema {_on_url(context, lambda url: upgrade_database(url))}")
    return DONE


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def backup(context: click.Context, file: Path) -> int:
    """Copies the database into FILE, also while the bot runs."""
    from bot.storage.backup import backup as back_up

    _on_url(context, lambda url: back_up(url, file))
    say(f"written: {file} ({file.stat().st_size:,} bytes)")
    return DONE


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite the database that is there.")
@click.pass_context
def restore(context: click.Context, file: Path, force: bool) -> int:
    """Puts a backup in the database's place, once all of it was checked. Stop the bot first."""
    from bot.storage.backup import restore as put_back

    aside = _on_url(context, lambda url: put_back(url, file, force=force))
    say(f"restored from {file}" + (f"; the database that was there is now {aside}" if aside else ""))
    return DONE


def _on_database(context: click.Context, act: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
    import asyncio

    from bot.terminal.servers import with_database

    return asyncio.run(with_database(_settings(context), act))


def _on_url(context: click.Context, act: Callable[[str | Path], Coroutine[Any, Any, Result]]) -> Result:
    import asyncio

    return asyncio.run(act(_settings(context).database_url()))


@cli.command()
@click.option(
    "--health",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve /healthz and Prometheus /metrics on 127.0.0.1 at this port.",
)
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
    default="INFO",
    show_default=True,
    help="What is logged, from this weight on.",
)
@click.pass_context
def run(context: click.Context, health: int | None, log_level: str) -> int:
    """Connects to Discord and answers there until it is stopped."""
    settings = _settings(context)
    token = settings.secret_token()
    if token is None:
        raise click.UsageError(
            "no token: make an application at https://discord.com/developers/applications, copy its token (Bot, Reset "
            "Token), and set RSVNO_TOKEN to it, or token_file in config.yaml. Without a token: rsvno try"
        )
    import asyncio

    from bot.chat.kit.logs import set_up_logging
    from bot.chat.running import run as run_bot

    set_up_logging(log_level.upper())
    advisor = _open(settings)
    asyncio.run(run_bot(settings, token, advisor, health))
    return DONE


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--examples", is_flag=True, help="Also hint at examples that another entry wins. Takes a minute.")
@click.pass_context
def check(context: click.Context, paths: tuple[Path, ...], examples: bool) -> int:
    """Checks every kind of YAML file: those named, those in folders, or by default all that this installation uses.

    A fault makes the exit code 1; a hint does not.
    """
    if examples and paths:
        raise click.UsageError("--examples looks at the guidance that this installation uses: leave PATHS out")
    from bot.terminal.checking import check_all, check_examples

    named: Path | None = context.obj
    if named is None and DEFAULT_CONFIG.is_file() and not paths:
        named = DEFAULT_CONFIG
    report = check_all(paths, named)
    if examples and not report.faults:
        check_examples(report, _settings(context))
    for line in report.lines:
        say(line)
    for hint in report.hints:
        say(f"hint: {hint}")
    _say_faults(report.faults)
    if report.more:
        say(AND_MORE, error=True)
    return FAILED if report.faults else DONE


@cli.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--chatter",
    "chatter",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file with one ordinary message a line, none of them for us. May be given more than once.",
)
@click.option("--html", type=click.Path(path_type=Path), help="Also write the report as a page with pictures.")
@click.option(
    "--talks",
    type=click.Path(path_type=Path),
    help="A file of labelled talks of two turns. Default: those that come with the program, unless FILE is given.",
)
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
@click.pass_context
def evaluate(
    context: click.Context,
    file: Path | None,
    chatter: tuple[Path, ...],
    html: Path | None,
    talks: Path | None,
    as_json: bool,
) -> int:
    """Measures the matcher on labelled questions (default: the set that comes with the program)."""
    from rich.console import Console

    from bot.evaluation.measures import measure
    from bot.evaluation.questions import load_labelled, read_chatter, shipped_questions
    from bot.evaluation.talks import load_talks, measure_talks, shipped_talks
    from bot.guidance.loading import load_library

    settings = _settings(context)
    questions = (
        load_labelled(shipped_questions())
        if file is None
        else load_labelled(file, load_library(knowledge_folders(settings)))
    )
    messages = {str(path): read_chatter(path) for path in chatter}
    if html is not None and not html.parent.is_dir():
        raise click.UsageError(f"--html {html}: there is no folder {html.parent}")
    labelled = load_talks(talks) if talks is not None else shipped_talks() if file is None else None
    advisor = _open(settings)
    result = measure(advisor, questions, messages, progress=_counter("Measuring"))
    turns = measure_talks(advisor, labelled.talks, _counter("Talking")) if labelled is not None else None
    if as_json:
        say(json_line(result.as_json() | ({"talks": turns.as_json()} if turns is not None else {})))
    else:
        from bot.terminal.report import print_report, print_talks

        print_report(Console(), result)
        if turns is not None:
            print_talks(Console(), turns)
    if html is not None:
        from bot.evaluation.page import write_page

        write_page(html, result)
        say(f"written: {html}", error=True)
    return DONE


def _counter(description: str) -> Callable[[Sequence[Any]], Iterable[Any]]:
    def counted(items: Sequence[Any]) -> Iterable[Any]:
        if not sys.stderr.isatty() or len(items) < 500:
            return items
        from rich.console import Console
        from rich.progress import track

        return track(items, description=description, console=Console(stderr=True), transient=True)

    return counted
