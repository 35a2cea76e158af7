"""Sentences to vectors at run time: what all text encoders share, and the text graph of a policy folder."""

from abc import ABC, abstractmethod
from pathlib import Path

from sovereign_robot.contract.errors import CheckpointError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.contract.types import TextVector
from sovereign_robot.policy.onnx_session import open_session
from sovereign_robot.policy.text import TOKENS, token_ids

REMEMBERED = 256
FAMILIARITY = "familiarity"  # name of the graph's second output


class CachingTextEncoder(ABC):
    """Encodes a sentence once, and remembers the newest ones."""

    def __init__(self, name: str, width: int) -> None:
        """Take what made the vectors and how many entries each has."""
        self._name, self._width = name, width
        self._vectors: dict[str, TextVector] = {}

    @property
    def name(self) -> str:
        """What made the vectors."""
        return self._name

    @property
    def width(self) -> int:
        """Entries W of each vector."""
        return self._width

    def encode(self, text: str) -> TextVector:
        """The vector (W,) of a sentence, read-only.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        normal = check_instruction(text)
        if normal not in self._vectors:
            if len(self._vectors) >= REMEMBERED:
                del self._vectors[next(iter(self._vectors))]
            vector = self._vector(normal)
            vector.flags.writeable = False
            self._vectors[normal] = vector
        return self._vectors[normal]

    @abstractmethod
    def _vector(self, normal: str) -> TextVector:
        """The vector (W,) of a sentence in normal form, as an array of its own."""


class OnnxTextEncoder(CachingTextEncoder):
    """The text graph of a policy folder: character ids to the vector that its policy was trained with."""

    def __init__(self, path: Path, name: str) -> None:
        """Load the graph.

        Raises:
            CheckpointError: it is no graph, or one for other ids.
        """
        self._session = open_session(path)
        (ids,), (vector, *others) = self._session.get_inputs(), self._session.get_outputs()
        if ids.shape != [1, TOKENS]:
            raise CheckpointError(
                f"policy file {path} takes {ids.shape} character ids, expected {[1, TOKENS]}: "
                "it is of another version, export the policy again"
            )
        super().__init__(name, int(vector.shape[1]))
        self._output = vector.name
        self._rates = FAMILIARITY in {other.name for other in others}

    @property
    def rates_sentences(self) -> bool:
        """Whether the graph tells how familiar a sentence is."""
        return self._rates

    def familiarity(self, text: str) -> float:
        """How much a sentence is like those of training, 0 .. 1; always 1 where the graph does not tell.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        normal = check_instruction(text)
        if not self._rates:
            return 1.0
        return float(self._session.run([FAMILIARITY], {"tokens": token_ids(normal)})[0].item())

    def _vector(self, normal: str) -> TextVector:
        vector: TextVector = self._session.run([self._output], {"tokens": token_ids(normal)})[0][0]
        return vector
