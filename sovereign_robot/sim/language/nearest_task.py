"""Which kind of work a free sentence means: that among whose own sentences is the one most like it.

Every grammar reads a sentence by the words of its slots alone, so "put the red cube in the left bin" names a
goal of `lift` too; the verb and the order of the words tell the tasks apart.
"""

from collections.abc import Sequence

import numpy as np

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.instruction import check_instruction
from sovereign_robot.sim.language.grammar import LANGUAGES, Grammar, grammar_of
from sovereign_robot.sim.scene import Goal

SENTENCES = 150


def nearest_task(text: str, tasks: Sequence[str]) -> str:
    """The task among some whose sentences are most like a sentence that names a goal of it.

    Raises:
        InstructionError: it names a goal of none of them.
    """
    found: dict[str, float] = {}
    refusal: InstructionError | None = None
    for task in tasks:
        try:
            found[task] = _likeness(check_instruction(text), grammar_of(task))
        except InstructionError as error:
            refusal = refusal or error
    if refusal is not None and not found:
        raise refusal
    return max(found, key=lambda task: found[task])


def _likeness(text: str, grammar: Grammar) -> float:
    """Of the most similar sentence that asks for the same: 1 is the same pairs of letters."""
    named, pairs = grammar.goal_of(text), _pairs(text)
    goal = next(goal for goal in grammar.goals() if named.items() <= goal.items())
    rng = np.random.default_rng(0)
    language = LANGUAGES[text.isascii()]
    sentences = {_sentence(grammar, rng, language, goal, bool(i % 2)) for i in range(SENTENCES)}
    return max(2 * len(pairs & other) / (len(pairs) + len(other)) for other in map(_pairs, sentences))


def _sentence(grammar: Grammar, rng: np.random.Generator, language: str, goal: Goal, held_out: bool) -> str:
    return check_instruction(grammar.sentence(rng, language, goal, held_out))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}
