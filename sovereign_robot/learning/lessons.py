"""Sentences with what they say, drawn from the grammars, for a text encoder to learn and to be examined.

A sentence may fit several tasks ("red to the left": which box, or which area?); only a picture tells. Such a
sentence has several readings, and an encoder is right with any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.marks import UNCLEAR, Marks, carried, marks_of
from sovereign_robot.policy.text import PADDING, TOKENS, token_ids
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.language.impossible import impossible
from sovereign_robot.sim.language.lexicon import EITHER, SLOTS, Words
from sovereign_robot.sim.language.strangers import strangers
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.tasks.registry import load_task

Slip = Callable[[np.random.Generator, str], str]
Readings = dict[str, set[tuple[int, ...]]]  # answers by normalised sentence

# Slots that say which half of a goal comes first.
ORDERED = {"sort_two": ("bin", "other_bin")}
# The mark of a slot's strange words.
MARK_OF = {"colour": "colour", "onto": "colour", "other": "colour", "kind": "stranger"}


@dataclass(frozen=True)
class Lessons:
    """Sentences and their answers.

    Attributes:
        texts: as meant.
        ids: (N, L) character ids, as typed.
        answers: (N, G) number of the value per group of the goal code; behind them "not said", then
            "something else".
        marks: (N, L) number of each character's mark; UNCLEAR where it is none of the sentence's own.
    """

    texts: list[str]
    ids: Tensor
    answers: Tensor
    marks: Tensor

    def readings(self) -> Readings:
        """Every reading that occurs of each sentence."""
        found: Readings = {}
        for text, answers in zip(self.texts, self.answers.tolist(), strict=True):
            found.setdefault(normalise(text), set()).add(tuple(answers))
        return found


@dataclass(frozen=True)
class Manner:
    """How sentences are drawn.

    Attributes:
        held_out: whether with phrasings that training never shows.
        combo: whether with pairs of values that training never shows.
        slip: how a sentence is typed; as it is meant without one.
        strange: share of sentences with a thing, a colour or a place that no task has.
        impossible: share of sentences that ask for nothing that a task could do.
    """

    held_out: bool = False
    combo: bool = False
    slip: Slip | None = None
    strange: float = 0.0
    impossible: float = 0.0


def lessons(
    rng: np.random.Generator, size: int, code: GoalCode, tasks: Sequence[str], manner: Manner
) -> Lessons:
    """Draw sentences, each task and language equally often.

    Args:
        rng: decides the sentences.
        size: how many.
        code: gives the groups of the answers.
        tasks: names of the tasks that are asked for.
        manner: what is drawn.

    Raises:
        UsageError: a task does not exist.
    """
    goals = {name: _goals(name, manner.combo) for name in tasks}
    drawn = [_drawn(rng, name, goals[name], manner) for name in rng.choice(list(tasks), size)]
    texts = [one.text for one in drawn]
    typed = [manner.slip(rng, text) for text in texts] if manner.slip else texts
    return Lessons(
        texts,
        torch.from_numpy(np.concatenate([token_ids(text) for text in typed])),
        torch.tensor([_answers(code, one) for one in drawn]),
        torch.from_numpy(np.stack([_marks(one, text) for one, text in zip(drawn, typed, strict=True)])),
    )


def longest(ids: Tensor) -> int:
    """Characters of the longest of some sentences (B, L): what is behind them need not be computed."""
    return int((ids != PADDING).sum(1).max())


@dataclass(frozen=True)
class _Drawn:
    """A sentence, its task if any, what it says, and the words in it that no task has, by their mark."""

    task: str | None
    text: str
    said: Goal
    strangers: Mapping[str, Words]


def _marks(drawn: _Drawn, typed: str) -> Marks:
    """(L,) the marks of what was typed."""
    normal, new = normalise(drawn.text), normalise(typed)
    marks = marks_of(normal, drawn.strangers)
    row = np.full(TOKENS, UNCLEAR, dtype=np.int64)
    found = (marks if new == normal else carried(marks, normal, new))[:TOKENS]
    row[: len(found)] = found
    return row


def _answers(code: GoalCode, drawn: _Drawn) -> list[int]:
    """The number of each group's value, of "not said", or of "something else"."""
    if drawn.task is None:
        return [len(values) for values in code.groups.values()]
    known = {slot: value for slot, value in drawn.said.items() if value in code.groups[slot]}
    numbers = code.answers(drawn.task, known)
    return [
        len(values) + 1 if slot in drawn.said and slot not in known else number
        for (slot, values), number in zip(code.groups.items(), numbers, strict=True)
    ]


def _drawn(rng: np.random.Generator, task: str, goals: Sequence[Goal], manner: Manner) -> _Drawn:
    """A sentence of a task, or one that asks for nothing that can be done."""
    kind = rng.random()
    if kind < manner.strange:
        return _strange(rng, task, goals, manner.held_out)
    goal = goals[int(rng.integers(len(goals)))]
    text = _said(rng, task, goal, manner.held_out)
    if kind < manner.strange + manner.impossible:
        return _Drawn(None, impossible(rng, text, task), {}, {})
    return _Drawn(task, text, grammar_of(task).goal_of(text), {})


def _strange(rng: np.random.Generator, task: str, goals: Sequence[Goal], held_out: bool) -> _Drawn:
    """A sentence of a task with a word that no task has."""
    grammar = grammar_of(task)
    goal, changed = _estranged(rng, task, goals[int(rng.integers(len(goals)))])
    text = _said(rng, task, goal, held_out)
    words = {slot: grammar.words(slot, value) for slot, value in goal.items()}
    normal = normalise(text)
    said = [slot for slot in goal if set(goal) != EITHER or any(w in normal for w in words[slot].stems())]
    marked = {MARK_OF[slot]: words[slot] for slot in changed if slot in MARK_OF}
    return _Drawn(task, text, {slot: goal[slot] for slot in said}, marked)


def _said(rng: np.random.Generator, task: str, goal: Goal, held_out: bool) -> str:
    """A sentence; with one choice alone, whatever a picture may tell is left out."""
    language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
    return grammar_of(task).sentence(rng, language, goal, held_out, choices=(goal,))


def _estranged(rng: np.random.Generator, task: str, goal: Goal) -> tuple[Goal, list[str]]:
    """The goal with a value or more that no task has, and in which slots; the rest is of training still."""
    slots = {slot: words for slot, words in SLOTS[task].items() if slot not in ORDERED.get(task, ())}
    changed = [slot for slot in slots if rng.random() < 0.5] or [str(rng.choice(list(slots)))]
    return {**goal, **{slot: str(rng.choice(list(strangers(slots[slot])))) for slot in changed}}, changed


def _goals(name: str, combo: bool) -> list[Goal]:
    task = load_task(name)
    return [goal for goal in grammar_of(task.name).goals() if task.is_held_out(goal) == combo]
