"""One word for each task: `nox` for all that must hold, `nox -s TASK [-- ARGUMENTS]` for one, `nox -l` for the list.

The tasks run in the environment that nox itself is in, and so with the versions of constraints.txt; but for
`supported`, which makes an environment for each Python.
"""

from __future__ import annotations

import sys

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "types", "guidance", "tests"]
nox.options.error_on_missing_interpreters = False


def run(session: nox.Session, *command: str) -> None:
    """Runs a module in this environment, whether or not it is activated."""
    session.run(sys.executable, "-m", *command, external=True)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """Style and common faults; changes nothing."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")


@nox.session(python=False, default=False)
def tidy(session: nox.Session) -> None:
    """Mends what `lint` complains about, where that can be done safely."""
    run(session, "ruff", "check", "--fix", ".")
    run(session, "ruff", "format", ".")


@nox.session(python=False)
def types(session: nox.Session) -> None:
    """The types, strictly."""
    run(session, "mypy", *session.posargs)


@nox.session(python=False)
def guidance(session: nox.Session) -> None:
    """Every fault of the guidance and the settings, with file and line."""
    run(session, "bot", "check", *session.posargs)


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """The tests, on all cores; `nox -s tests -- tests/stats -k chart` for some."""
    run(session, "pytest", "-n", "auto", *session.posargs)


@nox.session(python=False, default=False)
def docs(session: nox.Session) -> None:
    """Writes what README.md says of the terminal, and runs the code blocks of all papers."""
    run(session, "tools.readme")
    run(session, "pytest", "-rs", "tests/docs", *session.posargs)


@nox.session(python=False, default=False)
def pictures(session: nox.Session) -> None:
    """Takes the pictures of `try` that README.md shows; needs Chromium and a font with emoji."""
    run(session, "tools.pictures")


@nox.session(python=False, default=False)
def learn(session: nox.Session) -> None:
    """Writes what the shipped guidance teaches to knowledge/fitted/; some minutes."""
    # of the shipped guidance alone, whatever this folder's own config.yaml adds
    run(session, "bot", "--config", "config.example.yaml", "learn", "knowledge/fitted", *session.posargs)


@nox.session(python=False, default=False)
def evaluate(session: nox.Session) -> None:
    """How good the advice is on the labelled questions."""
    run(session, "bot", "--config", "config.example.yaml", "evaluate", *session.posargs)


@nox.session(python=False, default=False)
def benchmark(session: nox.Session) -> None:
    """One of benchmarks/, by name: `nox -s benchmark -- speed`."""
    if not session.posargs:
        session.error("which one? For example: nox -s benchmark -- speed")
    name, *arguments = session.posargs
    run(session, f"benchmarks.{name}", *arguments)


@nox.session(python=False, default=False)
def changelog(session: nox.Session) -> None:
    """What the next release would say; `nox -s changelog -- VERSION` writes it and removes the fragments."""
    how = ["--version", session.posargs[0], "--yes"] if session.posargs else ["--version", "next", "--draft"]
    run(session, "towncrier", "build", *how)


@nox.session(python=["3.11", "3.12", "3.13"], default=False)
def supported(session: nox.Session) -> None:
    """The tests on each Python that is supported and there, in an environment of its own."""
    session.install("--constraint", "constraints.txt", "--editable", ".[dev]")
    session.run("python", "-m", "pytest", "-n", "auto", *session.posargs)
