"""A taught text encoder is kept, so that only the first training run on a machine waits for the words.

It lies in `$XDG_CACHE_HOME/sovereign_robot` (by default `~/.cache`), named by all that decides it: seed,
steps, torch, and the source of the grammars and of the teaching. It may be deleted at any time.
"""

import hashlib
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

import sovereign_robot
from sovereign_robot.learning.language import STEPS, taught_encoder
from sovereign_robot.learning.text_encoder import GoalTextEncoder

TEACHING = ("goal_code", "language", "lessons", "letters", "marks", "text_encoder")
SOURCES = (
    *(f"learning/{name}.py" for name in TEACHING),
    "sim/language/*.py",
    "policy/text.py",
    "contract/instruction.py",
)


def remembered_encoder(seed: int, steps: int = STEPS, folder: Path | None = None) -> GoalTextEncoder:
    """As `taught_encoder`, from the cache where it is known; a damaged file is made anew.

    Args:
        seed: decides the sentences.
        steps: batches.
        folder: the cache, by default the user's.
    """
    path = (folder or _cache_dir()) / f"words-{_key(seed, steps)}.safetensors"
    encoder = GoalTextEncoder()
    try:
        encoder.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError):
        encoder = taught_encoder(seed, steps)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        save_file({k: v.contiguous() for k, v in encoder.state_dict().items()}, partial)
        partial.replace(path)
    return encoder.eval()


def _cache_dir() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sovereign_robot"


def _key(seed: int, steps: int) -> str:
    root = Path(sovereign_robot.__file__).parent
    digest = hashlib.sha256(f"{seed} {steps} {torch.__version__}".encode())
    for path in sorted(p for pattern in SOURCES for p in root.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
