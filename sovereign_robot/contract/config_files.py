"""Find and read the YAML files that people write: `config/robots/`, `config/tasks/`, or one of their own."""

import difflib
from pathlib import Path

import yaml

from sovereign_robot.contract.errors import SovereignError
from sovereign_robot.contract.resources import share_dir


def config_file(kind: str, name_or_path: str, error: type[SovereignError]) -> Path:
    """The file of a shipped "robot" or "task", or the YAML file that is named.

    Raises:
        error: unknown name; lists the known ones and the closest.
    """
    if name_or_path.endswith((".yaml", ".yml")):
        return Path(name_or_path)
    folder = share_dir() / "config" / f"{kind}s"
    known = sorted(p.stem for p in folder.glob("*.yaml"))
    if name_or_path not in known:
        close = difflib.get_close_matches(name_or_path, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        choices = ", ".join(known) + hint
        raise error(f"{kind} {name_or_path!r} is not known; give a YAML file or one of {choices}")
    return folder / f"{name_or_path}.yaml"


def read_yaml(kind: str, path: Path, error: type[SovereignError]) -> object:
    """What a YAML file says, as plain data.

    Raises:
        error: it is missing or is not YAML.
    """
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise error(f"{kind} file {path} cannot be read: {fault.strerror}") from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        what = " ".join(str(fault).split())
        raise error(f"{kind} file {path} is not valid YAML: {what}") from fault
