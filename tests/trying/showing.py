"""A bare client that shows, and asks for, each kind of component that Discord knows."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import discord as library
import matplotlib.image
import numpy as np
from discord import app_commands, ui

from bot.local import Channel
from tests.local.conftest import Bare

Interaction = library.Interaction[Any]
WORDS = "Thank you for asking.\nI have to say no."


def picture() -> io.BytesIO:
    """A PNG of 64 by 64 pixels."""
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.tile(np.linspace(0, 1, 64), (64, 1)), format="png")
    file.seek(0)
    return file


class Card(ui.LayoutView):
    """One of each kind that a message can hold."""

    def __init__(self, channel: int) -> None:
        super().__init__(timeout=None)
        inside = ui.Container[Any](accent_colour=0x1F7A43)
        inside.add_item(ui.TextDisplay("## May I leave a request unanswered?\n-# You asked: may i"))
        inside.add_item(ui.Section("Silence is an **answer**.", accessory=ui.Thumbnail("attachment://small.png")))
        inside.add_item(ui.Separator(spacing=library.SeparatorSpacing.large))
        inside.add_item(ui.TextDisplay(f"**Words to send**\n```\n{WORDS}\n```"))
        row = ui.ActionRow[Any]()
        row.add_item(ui.Button(label="Tell me more", custom_id="more", style=library.ButtonStyle.primary))
        row.add_item(ui.Button(label="Elsewhere", url="https://example.com/"))
        inside.add_item(row)
        self.add_item(inside)
        gallery = ui.MediaGallery[Any]()
        gallery.add_item(media="attachment://large.png", description="A slope of grey")
        self.add_item(gallery)
        self.add_item(ui.File("attachment://notes.txt"))
        where = ui.ActionRow[Any]()
        where.add_item(
            ui.ChannelSelect(
                custom_id="where", placeholder="Where to listen", min_values=0, max_values=3,
                default_values=[library.SelectDefaultValue(id=channel, type=library.SelectDefaultValueType.channel)],
            )
        )  # fmt: skip
        self.add_item(where)


class Asking(ui.Modal, title="A form with everything"):
    """One of each kind that a form can ask for."""

    before: ui.TextDisplay[Any] = ui.TextDisplay("All of this is **kept** here.")
    verdict: ui.Label[Any] = ui.Label(
        text="Verdict",
        description="What the answer comes to",
        component=ui.RadioGroup(
            custom_id="verdict",
            options=[
                library.RadioGroupOption(label="Yes", value="yes", description="do it"),
                library.RadioGroupOption(label="No", value="no", default=True),
            ],
        ),
    )
    tones: ui.Label[Any] = ui.Label(
        text="Tones",
        component=ui.CheckboxGroup(
            custom_id="tones",
            min_values=1,
            max_values=2,
            options=[library.CheckboxGroupOption(label=each) for each in ("warm", "brief", "firm")],
        ),
    )
    file: ui.Label[Any] = ui.Label(
        text="Files", component=ui.FileUpload(custom_id="file", required=False, max_values=2)
    )
    sure: ui.Label[Any] = ui.Label(text="I am sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: Interaction) -> None:
        """Says what arrived."""
        by_name: dict[str, Any] = {each.custom_id: each for each in self.walk_children() if hasattr(each, "custom_id")}
        files = [f"{each.filename}={(await each.read()).decode()}" for each in by_name["file"].values]
        await interaction.response.send_message(
            f"got {by_name['verdict'].value} {sorted(by_name['tones'].values)} {files} {by_name['sure'].value}"
        )


class Tones(ui.LayoutView):
    """A card that is changed in place: the tone stands in the ids."""

    def __init__(self, tone: str) -> None:
        super().__init__(timeout=None)
        inside = ui.Container[Any](ui.TextDisplay(f"# Words, {tone}\n-# small\n> quoted <@1>"))
        row = ui.ActionRow[Any]()
        for each in ("warm", "firm"):
            chosen = library.ButtonStyle.primary if each == tone else library.ButtonStyle.secondary
            row.add_item(ui.Button(label=each, custom_id=f"tone:{each}:{tone}", style=chosen, emoji="👍"))
        inside.add_item(row)
        options = [library.SelectOption(label=each, value=each, emoji="📣") for each in ("warm", "firm")]
        inside.add_item(ui.ActionRow(ui.Select(custom_id="tone:menu", placeholder="More", options=options)))
        inside.add_item(
            ui.ActionRow(ui.MentionableSelect(custom_id="anyone", placeholder="Anybody", min_values=1, max_values=2))
        )
        self.add_item(inside)


WORDS_OF_DISCORD = """# One
## Two
### Three
-# small **words**
> first line
> second line
- item
  - below
- last
1. once
2. twice
***both*** [words](https://example.com/a(b)) <https://example.com/b> https://example.com/c.
<t:0:d> @everyone <:blob:123> ``a `tick` in it``
> - listed
```py
# no heading
```
\\# no heading, \\- no item
**not** an item
>>> the rest
## with a heading"""


class Showing(Bare):
    """`/card` shows everything that a message can hold, `/form` asks for everything that a form can ask for."""

    def __init__(self, channel: Channel) -> None:
        super().__init__()
        self.page_url = ""
        self.typed = asyncio.Event()
        self._channel = channel
        for name, act in (
            ("card", self._card), ("form", self._form), ("tones", self._tones), ("words", self._words),
        ):  # fmt: skip
            self.tree.add_command(app_commands.Command(name=name, description=f"shows {name}", callback=act))
        self._suggest()

    async def _card(self, interaction: Interaction) -> None:
        files = [
            library.File(picture(), "small.png"),
            library.File(picture(), "large.png"),
            library.File(io.BytesIO(b"notes"), "notes.txt"),
        ]
        await interaction.response.send_message(view=Card(self._channel.id), files=files)

    async def _form(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Asking())

    async def _tones(self, interaction: Interaction) -> None:
        await interaction.response.send_message(view=Tones("warm"), ephemeral=True)

    async def _words(self, interaction: Interaction) -> None:
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay(WORDS_OF_DISCORD))
        await interaction.response.send_message(view=view)

    def _suggest(self) -> None:
        @self.tree.command(name="long", description="suggests much")
        async def long(interaction: Interaction, word: str) -> None:
            await interaction.response.send_message(f"chosen: {word}")

        @long.autocomplete("word")
        async def words(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{current} number {at}", value=f"value {at}") for at in range(25)]

    async def on_message(self, message: library.Message) -> None:
        """Answers a mention in its own time: types first."""
        if self.user is None or message.author == self.user or self.user not in message.mentions:
            return
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.Container(ui.TextDisplay(f"# Answer\n> to {self.user.mention} and **others**")))
        await message.channel.typing()
        await self.typed.wait()
        await message.reply(view=view)

    async def on_interaction(self, interaction: Interaction) -> None:
        """Changes a card of tones in place, and says what else was used."""
        if interaction.type is not library.InteractionType.component:
            return
        data: Any = interaction.data
        told = ",".join(data.get("values") or [])
        if data["custom_id"].startswith("tone:"):
            await interaction.response.edit_message(view=Tones(told or data["custom_id"].split(":")[1]))
            return
        names = {str(self._channel.id): "general"}
        await interaction.response.send_message(f"used {data['custom_id']} {names.get(told, told)}")
