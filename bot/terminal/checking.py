"""`rsvno check`: what was looked at, and every fault in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.configuration import Settings, knowledge_folders, load_settings
from bot.documents.faults import Fault, UnusableFile
from bot.documents.yaml_text import read_yaml
from bot.guidance.loading import load_library, parse_entries, shipped_knowledge


@dataclass(frozen=True)
class CheckReport:
    """`lines` say what is fine, `faults` what is not."""

    lines: tuple[str, ...]
    faults: tuple[Fault, ...]


def check_all(paths: Sequence[Path], config: Path | None) -> CheckReport:
    """Checks `config` (when given) and `paths`; without paths, every knowledge folder in use."""
    lines: list[str] = []
    faults: list[Fault] = []
    settings = Settings()
    if config is not None:
        try:
            settings = load_settings(config)
            lines.append(f"{config}: configuration, fine")
        except UnusableFile as error:
            faults.extend(error.faults)
    for path in paths or knowledge_folders(settings):
        if _is_configuration(path):
            try:
                load_settings(path)
                lines.append(f"{path}: configuration, fine")
            except UnusableFile as error:
                faults.extend(error.faults)
            continue
        try:
            count = _entries_in(path)
        except UnusableFile as error:
            faults.extend(error.faults)
        else:
            lines.append(f"{path}: {count} {'entry' if count == 1 else 'entries'}, fine")
    return CheckReport(tuple(lines), tuple(faults))


def _entries_in(path: Path) -> int:
    if path.is_dir():
        return len(load_library([path]).entries)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnusableFile([Fault(str(path), 0, f"can't be read: {error.strerror}")]) from None
    return len(parse_entries(raw, str(path), load_library([shipped_knowledge()])))


def _is_configuration(path: Path) -> bool:
    """A YAML file without `entries` and with at least one of the settings' keys, or one called config."""
    if path.is_dir():
        return False
    if path.stem.startswith("config"):
        return True
    try:
        data = read_yaml(path).data
    except UnusableFile:
        return False
    return isinstance(data, dict) and "entries" not in data and bool(set(data) & set(Settings.model_fields))
