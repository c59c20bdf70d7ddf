"""Where an encoder's weights come from: pinned packages, checked before they are used."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
from collections.abc import Sequence
from pathlib import Path

from bot.matching.encoder.encoder import EncoderUnavailable

_CHUNK = 1 << 22


class Parts(io.RawIOBase):
    """Several files, read as one."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [path.open("rb") for path in paths]
        sizes = [path.stat().st_size for path in paths]
        self._starts = [sum(sizes[:at]) for at in range(len(sizes) + 1)]
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See `io.RawIOBase.seek`."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._starts[-1]}[whence]
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        """See `io.RawIOBase.tell`."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the stubs want any buffer
        """Reads from the file that the position is in; at its end, fewer bytes than asked for."""
        for file, start, end in zip(self._files, self._starts, self._starts[1:], strict=False):
            if start <= self._position < end:
                file.seek(self._position - start)
                count = file.readinto(memoryview(buffer)[: end - self._position])
                self._position += count
                return count
        return 0

    def close(self) -> None:
        """Closes all of the files."""
        for file in self._files:
            file.close()
        super().close()


def packaged(package: str, suffix: str) -> Path:
    """The file of an installed package whose name ends so. Raises `EncoderUnavailable` when it is not there."""
    try:
        found = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        found = []
    for file in found:
        path = Path(str(file.locate()))
        if file.name.endswith(suffix) and path.is_file():
            return path
    raise EncoderUnavailable(f"the package {package} is not installed: it holds weights of the encoder")


def require(path: Path, sha256: str, what: str) -> None:
    """Raises `EncoderUnavailable` unless the file has this SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise EncoderUnavailable(f"{what} are not the ones this version was measured with: reinstall rsvno")
