"""All words that we send go through here, and nowhere else: cut to what Discord takes, however long they became.

To be cut last of all, after what people typed was made harmless, since that makes it longer. A message that Discord
refuses would look like a failure to whoever waits for it, whatever was done before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord
from discord import app_commands

from bot.chat.kit.card import Card
from bot.chat.kit.text import MOST_CONTENT, UNSEEN, shorten

Interaction = discord.Interaction[Any]

MOST_LABEL = 80
"""Characters of a button's label. These are Discord's limits, as are the next."""
MOST_PLACEHOLDER = 150
MOST_OPTION = 100
"""Characters of the label, the value and the description of a menu's option."""
MOST_OPTIONS = 25
MOST_FORM_TITLE = 45
MOST_FIELD_LABEL = 45
MOST_FIELD_HINT = 100
"""Characters of a form's field: its description, and what stands in it before anything is written."""
MOST_CHOICE = 100
MOST_CHOICES = 25

# ------------------------------------------------------------------------ cutting


def fitted(**message: Any) -> dict[str, Any]:
    """Returns the parts of a message (as discord.py calls them) so that Discord takes them."""
    if message.get("content"):
        # words that cannot be seen are none
        content = shorten(message["content"], MOST_CONTENT)
        message["content"] = content if content.strip() else UNSEEN
    embed = message.get("embed")
    if isinstance(embed, discord.Embed) and not isinstance(embed, Card):
        message["embed"] = Card.from_dict(embed.to_dict())
    if isinstance(message.get("view"), discord.ui.View | discord.ui.LayoutView):
        # the texts of a layout are cut together: see `Layout`
        for child in message["view"].walk_children():
            _fit(child.item if isinstance(child, discord.ui.DynamicItem) else child)
    return message


def _fit(component: Any) -> None:
    """Cuts the words of a button, a menu or a form's input."""
    if isinstance(component, discord.ui.Button):
        if component.label is not None:
            label = shorten(component.label, MOST_LABEL)
            component.label = label if label.strip() or component.emoji is not None else UNSEEN
    elif isinstance(component, discord.ui.TextInput):
        if component.placeholder:
            component.placeholder = shorten(component.placeholder, MOST_FIELD_HINT)
    elif getattr(component, "placeholder", None):
        component.placeholder = shorten(component.placeholder, MOST_PLACEHOLDER)
    if isinstance(component, discord.ui.Select):
        component.options = [option for option in component.options if 0 < len(option.value) <= MOST_OPTION]
        component.options = component.options[:MOST_OPTIONS]
        for option in component.options:
            option.label = _seen(shorten(option.label, MOST_OPTION))
            if option.description is not None:
                option.description = shorten(option.description, MOST_OPTION)


def _seen(text: str) -> str:
    return text if text.strip() else UNSEEN


def fitted_form(form: discord.ui.Modal) -> discord.ui.Modal:
    """Returns a form that Discord takes. What its fields hold is not cut: what is cut off there would be lost."""
    form.title = _seen(shorten(form.title, MOST_FORM_TITLE))
    for child in form.children:
        if isinstance(child, discord.ui.Label):
            child.text = _seen(shorten(child.text, MOST_FIELD_LABEL))
            if child.description is not None:
                child.description = shorten(child.description, MOST_FIELD_HINT)
            _fit(child.component)
    return form


def choices(found: Iterable[tuple[str, str]]) -> list[app_commands.Choice[str]]:
    """Returns suggestions, each of its name and its value; those whose value Discord does not take are left out."""
    fitting = [(name, value) for name, value in found if 0 < len(value) <= MOST_CHOICE]
    return [
        app_commands.Choice(name=_seen(shorten(name, MOST_CHOICE)), value=value)
        for name, value in fitting[:MOST_CHOICES]
    ]


# ------------------------------------------------------------------------ sending


async def answer(interaction: Interaction, content: str | None = None, **message: Any) -> None:
    """Answers, privately unless `ephemeral` is false, with what discord.py takes for a message.

    Where the person was told to wait, it takes the place of that.
    """
    message.setdefault("ephemeral", True)
    if content is not None:
        message["content"] = content
    parts = fitted(**message)
    if interaction.response.is_done():
        await interaction.followup.send(**parts)
    else:
        await interaction.response.send_message(**parts)


async def change(interaction: Interaction, **message: Any) -> None:
    """Changes the message that something was pressed on."""
    parts = fitted(**message)
    if interaction.response.is_done():
        await interaction.edit_original_response(**parts)
    else:
        await interaction.response.edit_message(**parts)


async def redraw(interaction: Interaction, layout: discord.ui.LayoutView) -> None:
    """Puts a layout in the place of the message that something was pressed on, whatever form that has."""
    message = interaction.message
    of_old = message is not None and not message.flags.components_v2
    await change(interaction, view=layout, **({"content": None, "embed": None} if of_old else {}))


async def open_form(interaction: Interaction, form: discord.ui.Modal) -> None:
    """Opens a form."""
    await interaction.response.send_modal(fitted_form(form))


async def post(place: discord.abc.Messageable, content: str | None = None, **message: Any) -> None:
    """Writes into a channel, or to a person."""
    await place.send(**fitted(content=content, **message))
