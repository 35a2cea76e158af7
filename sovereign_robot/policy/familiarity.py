"""Whether a policy learnt to follow such a sentence, by its text graph and by what policy.json says of it.

    "goal_code"    {slot: values}             what the entries of the text vector mean
    "familiarity"  {"threshold": 0 .. 1, ...} from where on a sentence is followed, and how that was measured

A policy folder that lacks them is of a time before: it follows every sentence.
"""

from collections.abc import Mapping
from typing import Any

from sovereign_robot.contract.errors import CheckpointError, InstructionError
from sovereign_robot.contract.types import Understanding
from sovereign_robot.policy.bundle import TEXT_GRAPH, Bundle
from sovereign_robot.policy.text_encoder import FAMILIARITY, OnnxTextEncoder

GOAL_CODE = "goal_code"
CLEAR = 0.5  # the probability from which on a value counts as said


class Listening:
    """Tells what a sentence asks for and whether it is followed."""

    def __init__(self, encoder: OnnxTextEncoder, facts: Mapping[str, Any]) -> None:
        """Take the text graph, and the facts of its policy folder.

        Raises:
            CheckpointError: the facts do not fit the graph.
        """
        self._encoder = encoder
        self._groups = _groups(facts.get(GOAL_CODE, {}), encoder)
        self._threshold = _threshold(facts.get(FAMILIARITY), encoder)

    @classmethod
    def of(cls, bundle: Bundle) -> "Listening":
        """That of a policy folder, without its policy.

        Raises:
            CheckpointError: its text graph is broken, or the facts do not fit it.
        """
        name = f"{TEXT_GRAPH} of policy {bundle.sha256[:12]}"
        return cls(OnnxTextEncoder(bundle.folder / TEXT_GRAPH, name), bundle.facts)

    def understand(self, text: str) -> Understanding:
        """What a sentence asks for, and how familiar it is.

        Raises:
            InstructionError: the sentence is empty or too long.
        """
        code, goal, begin = self._encoder.encode(text), {}, 0
        for slot, values in self._groups.items():
            part = code[begin : begin + len(values)]
            begin += len(values)
            if part.max() > CLEAR:
                goal[slot] = values[int(part.argmax())]
        return Understanding(text, goal, self._encoder.familiarity(text), self._threshold)

    def require_familiar(self, text: str) -> None:
        """Refuse a sentence that the policy would not follow.

        Raises:
            InstructionError: it is empty, too long, or like nothing that was learnt.
        """
        understood = self.understand(text)
        if not understood.is_familiar:
            raise InstructionError(understood.refusal)


def _groups(facts: Any, encoder: OnnxTextEncoder) -> dict[str, tuple[str, ...]]:
    groups = {str(k): tuple(map(str, v)) for k, v in facts.items()} if isinstance(facts, dict) else {}
    width = sum(len(values) for values in groups.values())
    if groups and width != encoder.width:
        raise CheckpointError(
            f"{encoder.name}: {GOAL_CODE} in policy.json names {width} values, but the graph gives "
            f"{encoder.width}: export the policy again"
        )
    return groups


def _threshold(facts: Any, encoder: OnnxTextEncoder) -> float:
    """From where on a sentence is followed; 0 without facts."""
    if facts is None:
        return 0.0
    threshold = facts.get("threshold") if isinstance(facts, dict) else facts
    if not isinstance(threshold, float) or not 0.0 <= threshold <= 1.0 or not encoder.rates_sentences:
        raise CheckpointError(
            f"{encoder.name}: {FAMILIARITY} in policy.json has threshold {threshold!r} and the graph "
            f"{'tells' if encoder.rates_sentences else 'lacks'} the {FAMILIARITY} of a sentence, expected a "
            "number in 0 .. 1 and a graph that tells: export the policy again"
        )
    return threshold
