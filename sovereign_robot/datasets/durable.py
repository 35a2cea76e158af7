"""Files that a kill or a power cut leaves whole or absent: written beside, brought to disk, renamed."""

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sovereign_robot.contract.errors import DatasetError


def sync(path: Path) -> None:
    """Bring a file or the list of a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring everything below a folder to disk."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Replace a JSON file at once; nobody else writes it at the same time."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sync(beside)
    beside.replace(path)
    sync(path.parent)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        FileNotFoundError: there is no such file.
        DatasetError: it cannot be read or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read as JSON: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise DatasetError(f"{path} holds a {type(data).__name__}, expected a JSON object")
    return data


@contextmanager
def new_folder(place: Path, workshop: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `place` at the end of the block, whole and at once.

    Where another process made the same place first, its content stays and this one is dropped.

    Args:
        place: folder that does not exist yet.
        workshop: folder of unfinished ones, on the same file system.
    """
    making = workshop / f"{place.name}.{uuid.uuid4().hex}"
    making.mkdir(parents=True)
    try:
        yield making
        sync_tree(making)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            making.rename(place)
        except OSError:
            if not place.is_dir():
                raise
        sync(place.parent)
    finally:
        shutil.rmtree(making, ignore_errors=True)
