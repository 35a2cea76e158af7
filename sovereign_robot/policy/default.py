"""The policy that ships with the package, and how a person names it."""

from pathlib import Path

DEFAULT = "default"


def default_policy_dir() -> Path:
    """Folder of the embedded default policy."""
    return Path(__file__).parent / "shipped"


def policy_dir(name_or_path: str) -> Path:
    """The folder of a policy: of "default", the embedded one, or the path itself."""
    return default_policy_dir() if name_or_path == DEFAULT else Path(name_or_path)
