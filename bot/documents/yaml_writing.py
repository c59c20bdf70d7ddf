"""Plain data into YAML text as the shipped files are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from bot.documents.yaml_text import Block

_NOT_IN_A_BLOCK = re.compile("[^ -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Line ends and other controls: YAML would not write them in a block, or would read them back as other text."""


class _Dumper(yaml.SafeDumper):
    """Keeps the keys' order, and indents lists under their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _write_block(dumper: yaml.SafeDumper, block: Block) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(block), style="|")


_Dumper.add_representer(Block, _write_block)


def one_a_line(items: Sequence[str]) -> Block | list[str]:
    """The items as a block, one a line and unquoted; as the list they are where one of them can't stand so."""
    block = Block("".join(f"{item}\n" for item in items))
    fits = bool(items) and not any(_NOT_IN_A_BLOCK.search(item) for item in items)
    return block if fits and [text for _, text in block.items()] == list(items) else list(items)


def write_yaml(data: Mapping[str, Any]) -> str:
    """The data as YAML text; the same data always give the same text."""
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text
