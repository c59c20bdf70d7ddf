"""Writes `knowledge/fitted/`, what the shipped base teaches, so that nobody waits for it.

To be run as `python -m benchmarks.ship_fitted` after every change of the base; a test fails when it was forgotten.
"""

from __future__ import annotations

from pathlib import Path

from bot.configuration import Settings
from bot.guidance.loading import FITTED_FOLDER, load_library, shipped_knowledge
from bot.matching.encoder.minilm import default_encoder
from bot.matching.encoder.vectors import VectorStore
from bot.matching.model.learning import fingerprint, fit, training_set, write_fitted
from bot.matching.text import Slang


def main(cache: Path) -> None:
    """Encodes what is new, fits, and writes both files."""
    library = load_library([shipped_knowledge()])
    encoder = default_encoder(cache)
    data = training_set(library, Slang(library.lexicon.slang))
    folder = shipped_knowledge() / FITTED_FOLDER
    store = VectorStore(encoder, folder / "vectors.npz")
    vectors = store.vectors(data.texts)
    write_fitted(folder / "models.npz", fit(library, data, vectors), fingerprint(library, data, encoder.name))
    store.save(folder / "vectors.npz", data.texts)
    print(f"{len(library.entries)} entries, {len(data.texts)} texts: {folder}")


if __name__ == "__main__":
    main(Settings().data_folder / "matching")
