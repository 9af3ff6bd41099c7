"""Pictures on disk, by the hash of their content: written once, never changed."""

import os
import tempfile
from pathlib import Path

from media.inspect import PictureFacts


class PictureFiles:
    """A folder of pictures. Two characters of the hash make a subfolder, so that none holds too many files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, file_name: str) -> Path:
        """Where a picture rests."""
        return self._folder / file_name[:2] / file_name

    def put(self, facts: PictureFacts, data: bytes) -> None:
        """Keep a picture. It is on the disk when this returns, whole or not at all."""
        path = self.path(facts.file_name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, making = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(making).chmod(0o644)
        Path(making).replace(path)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
