"""Output folders: a command writes into an empty folder or its own, and never into anything else."""

import json
from pathlib import Path

from sovereign_robot.contract.errors import OutputError

MARKER = ".sovereign_robot.json"


def prepare_out(path: Path, kind: str) -> Path:
    """Makes `path` ready for a command of this kind; refuses, writing nothing, what is not its own.

    Args:
        path: output folder; it and its parents are made when missing.
        kind: what the folder will hold, such as "demo" or "dataset"; kept in the folder's marker file.

    Returns:
        The same path. What an earlier run of the same kind left in it is still there.

    Raises:
        OutputError: the path is a file, cannot be written, or holds something that this kind did not write.
    """
    check_out(path, kind)
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / MARKER).write_text(json.dumps({"kind": kind}) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"output folder {path} cannot be written ({error.strerror}): choose another --out"
        ) from error
    return path


def check_out(path: Path, kind: str) -> None:
    """Raises OutputError unless `prepare_out` may use the path; touches nothing."""
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputError(f"output path {path} is a file, expected a folder: choose another --out")
    found = _kind_of(path)
    if found == kind:
        return
    if found is not None:
        raise OutputError(
            f"output folder {path} holds a {found}, expected an empty folder or a {kind}: "
            "choose another --out"
        )
    if any(path.iterdir()):
        raise OutputError(
            f"output folder {path} holds something that this command did not write, expected an empty folder "
            f"or an earlier {kind}: choose another --out"
        )


def _kind_of(path: Path) -> str | None:
    """Kind written in the folder's marker, None when it has no readable marker."""
    try:
        marker = json.loads((path / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    kind = marker.get("kind") if isinstance(marker, dict) else None
    return kind if isinstance(kind, str) else None
