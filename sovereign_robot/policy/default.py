"""The policy that ships with the package."""

from pathlib import Path


def default_policy_dir() -> Path:
    """Folder of the embedded default policy."""
    return Path(__file__).parent / "shipped"
