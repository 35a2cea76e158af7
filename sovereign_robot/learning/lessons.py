"""Sentences with what they say, drawn from the grammars, for a text encoder to learn and to be examined.

A sentence may fit several tasks ("red to the left": which box, or which area?); only a picture tells. Such a
sentence has several readings, and an encoder is right with any of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.policy.text import token_ids
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.lexicon import EITHER, SLOTS
from sovereign_robot.sim.language.strangers import TAUGHT
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.tasks.registry import load_task

Slip = Callable[[np.random.Generator, str], str]
Readings = dict[str, set[tuple[int, ...]]]  # answers by normalised sentence

# Slots that say which half of a goal comes first.
ORDERED = {"sort_two": ("bin", "other_bin")}


@dataclass(frozen=True)
class Lessons:
    """Sentences and their answers.

    Attributes:
        texts: as meant.
        ids: (N, L) character ids, as typed.
        answers: (N, G) number of the value per group of the goal code; behind them "not said", then
            "something else".
    """

    texts: list[str]
    ids: Tensor
    answers: Tensor

    def readings(self) -> Readings:
        """Every reading that occurs of each sentence."""
        found: Readings = {}
        for text, answers in zip(self.texts, self.answers.tolist(), strict=True):
            found.setdefault(normalise(text), set()).add(tuple(answers))
        return found


def lessons(
    rng: np.random.Generator,
    size: int,
    code: GoalCode,
    tasks: Sequence[str],
    held_out: bool = False,
    combo: bool = False,
    slip: Slip | None = None,
    strange: float = 0.0,
) -> Lessons:
    """Draw sentences, each task and language equally often.

    Args:
        rng: decides the sentences.
        size: how many.
        code: gives the groups of the answers.
        tasks: names of the tasks that are asked for.
        held_out: whether with phrasings that training never shows.
        combo: whether with pairs of values that training never shows.
        slip: how a sentence is typed; as it is meant without one.
        strange: share of sentences with a thing, a colour or a place that no task has.

    Raises:
        UsageError: a task does not exist.
    """
    goals = {name: _goals(name, combo) for name in tasks}
    drawn = [_one(rng, name, goals[name], held_out, strange) for name in rng.choice(list(tasks), size)]
    texts = [text for _, text, _ in drawn]
    typed = [slip(rng, text) for text in texts] if slip else texts
    return Lessons(
        texts,
        torch.from_numpy(np.concatenate([token_ids(text) for text in typed])),
        torch.tensor([_answers(code, task, said) for task, _, said in drawn]),
    )


def _answers(code: GoalCode, task: str, said: Goal) -> list[int]:
    """The number of each group's value, of "not said", or of "something else"."""
    known = {slot: value for slot, value in said.items() if value in code.groups[slot]}
    numbers = code.answers(task, known)
    return [
        len(values) + 1 if slot in said and slot not in known else number
        for (slot, values), number in zip(code.groups.items(), numbers, strict=True)
    ]


def _one(
    rng: np.random.Generator, task: str, goals: Sequence[Goal], held_out: bool, strange: float
) -> tuple[str, str, Goal]:
    """A task, a sentence and what it says; with one choice alone, whatever a picture may tell is left out."""
    grammar, goal = grammar_of(task), goals[int(rng.integers(len(goals)))]
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    if rng.random() >= strange:
        text = grammar.sentence(rng, language, goal, held_out, choices=(goal,))
        return task, text, grammar.goal_of(text)
    goal = _estranged(rng, task, goal)
    text = grammar.sentence(rng, language, goal, held_out, choices=(goal,))
    if set(goal) != EITHER:
        return task, text, goal
    normal = normalise(text)
    said = {slot for slot in goal if any(stem in normal for stem in grammar.words(slot, goal[slot]).stems())}
    return task, text, {slot: goal[slot] for slot in said}


def _estranged(rng: np.random.Generator, task: str, goal: Goal) -> Goal:
    """The goal with a value or more that no task has; what is left of it is of a goal of training still."""
    slots = {
        slot: vocabulary for slot, vocabulary in SLOTS[task].items() if slot not in ORDERED.get(task, ())
    }
    changed = [slot for slot in slots if rng.random() < 0.5] or [str(rng.choice(list(slots)))]
    return {**goal, **{slot: str(rng.choice(list(TAUGHT[slots[slot]]))) for slot in changed}}


def _goals(name: str, combo: bool) -> list[Goal]:
    task = load_task(name)
    return [goal for goal in grammar_of(task.name).goals() if task.is_held_out(goal) == combo]
