"""`rsvno learn`: a model of the guidance in use, kept in a folder, with the figures it was learned with."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.configuration import Settings, knowledge_folders
from bot.documents.faults import Fault, UnusableFile
from bot.evaluation.questions import calibration_questions, calibration_servers
from bot.evaluation.talks import calibration_talks
from bot.guidance.loading import load_library
from bot.matching.base import MODEL_FILE, VECTORS_FILE
from bot.matching.encoder.choosing import open_encoder
from bot.matching.encoder.vectors import VectorStore
from bot.matching.follow_up_margins import SaidNext
from bot.matching.follow_ups import FOLLOW_UPS_FILE, wordings_of
from bot.matching.learning import Asked, AskedOnServer, learn
from bot.matching.model.files import write_model
from bot.matching.model.training import training_set
from bot.matching.text import Slang


def learn_and_keep(settings: Settings, folder: Path, name: str | None, console: Console) -> None:
    """Learns for an encoder (None: the one in use) and writes its files, each whole or not at all.

    Raises `UnusableFile` and `EncoderUnavailable`."""
    library = load_library(knowledge_folders(settings))
    encoder = open_encoder(name, settings.data_folder / "matching")
    folder = folder / encoder.short_name
    store = VectorStore(encoder, folder / VECTORS_FILE)
    questions = calibration_questions()
    asked = [Asked(item.q, frozenset(item.entries)) for item in questions.on_topic]
    asked += [Asked(item.q, frozenset()) for item in questions.near_miss]
    servers = [
        AskedOnServer(
            server.entries,
            tuple((text, entry.id) for entry in server.entries for text in entry.paraphrases),
            server.others,
        )
        for server in calibration_servers().labelled_servers
    ]
    said = [SaidNext(talk.then, talk.is_follow_up) for talk in calibration_talks().talks]
    said_store = VectorStore(encoder, folder / FOLLOW_UPS_FILE)
    model, fingerprint = learn(
        library,
        encoder,
        store,
        asked,
        [item.q for item in questions.harmless],
        servers,
        said,
        said_store,
        lambda texts: track(texts, description="Encoding", console=console),
    )
    try:
        write_model(folder / MODEL_FILE, model, fingerprint)
        store.save(folder / VECTORS_FILE, training_set(library, Slang(library.lexicon.slang)).texts)
        wordings, _, others = wordings_of(library)
        said_store.save(folder / FOLLOW_UPS_FILE, [*wordings, *others])
    except OSError as error:
        raise UnusableFile([Fault(str(folder), 0, f"can't be written: {error.strerror or error}")]) from None
    card = Table(title=f"Learned: {folder}", title_justify="left", show_header=False)
    for name, figure in model.card.items():
        card.add_row(name, figure)
    console.print(card)
