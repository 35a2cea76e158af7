"""Teach the text encoder the words first: sentences from the grammars to their slots, in two minutes.

A policy that learns words only through motion needs an episode for each wording; the grammars are free. Only
phrasings and combinations of training are said here, so what is held out stays new.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sovereign_robot.learning.student import TextEncoder
from sovereign_robot.policy.text import token_ids
from sovereign_robot.sim.language.grammar import LANGUAGES, grammar_of
from sovereign_robot.sim.scene import Goal
from sovereign_robot.sim.tasks.registry import load_task

STEPS = 600
BATCH = 128
EXAM = 512
TYPO_CHANCE = 0.15
UNSAID = -1
TASKS = ("place_in_bin",)


def teach_words(
    encoder: TextEncoder, width: int, seed: int, steps: int = STEPS, tasks: Sequence[str] = TASKS
) -> float:
    """Train `encoder` in place to tell which task is asked for, and what each of its slots holds.

    Args:
        encoder: sentences to vectors (B, width).
        width: entries of a vector.
        seed: decides the sentences.
        steps: batches.
        tasks: names of the tasks whose words are taught.

    Returns:
        the share of right answers to held-out phrasings.

    Raises:
        UsageError: a task does not exist.
    """
    rng = np.random.default_rng([seed, 5])
    lessons = _Lessons(tasks)
    heads = nn.ModuleList([nn.Linear(width, count) for count in lessons.answers])
    optimiser = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], lr=2e-3)
    for _ in range(steps):
        tokens, slots = lessons.batch(rng, BATCH, held_out=False)
        vector = encoder(tokens)
        loss = torch.stack([_loss(head(vector), slots[:, i]) for i, head in enumerate(heads)]).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        tokens, slots = lessons.batch(rng, EXAM, held_out=True)
        vector = encoder(tokens)
        answers = torch.stack([head(vector).argmax(1) for head in heads], dim=1)
    return float((answers == slots)[slots != UNSAID].float().mean())


class _Lessons:
    """Sentences with what they say: the task, then every slot of every task, UNSAID where it is not said."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self._grammars = [grammar_of(load_task(name).name) for name in tasks]
        self._goals = [self._training_goals(name) for name in tasks]
        self._slots = [(i, slot, v) for i, g in enumerate(self._grammars) for slot, v in g.slots.items()]
        self.answers = [len(tasks), *(len(values) for _, _, values in self._slots)]
        self._task_is_asked = len(tasks) > 1

    def batch(self, rng: np.random.Generator, size: int, held_out: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Character ids (B, TOKENS) of new sentences, and the number of each answer (B, 1 + slots)."""
        drawn = [self._one(rng, held_out) for _ in range(size)]
        tokens = np.concatenate([token_ids(text) for text, _ in drawn])
        return torch.from_numpy(tokens), torch.tensor([answers for _, answers in drawn])

    def _one(self, rng: np.random.Generator, held_out: bool) -> tuple[str, list[int]]:
        task = int(rng.integers(len(self._grammars)))
        grammar, goals = self._grammars[task], self._goals[task]
        goal = goals[int(rng.integers(len(goals)))]
        language = LANGUAGES[int(rng.integers(len(LANGUAGES)))]
        text = grammar.sentence(rng, language, goal, held_out, choices=(goal,))
        said = grammar.goal_of(text)
        answers = [v.index(said[s]) if i == task and s in said else UNSAID for i, s, v in self._slots]
        return _typo(rng, text), [task if self._task_is_asked else UNSAID, *answers]

    @staticmethod
    def _training_goals(name: str) -> list[Goal]:
        task = load_task(name)
        return [goal for goal in grammar_of(task.name).goals() if not task.is_held_out(goal)]


def _loss(scores: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of what is said, per sentence of the batch."""
    every = functional.cross_entropy(scores, answers, ignore_index=UNSAID, reduction="sum")
    return every / len(answers)


def _typo(rng: np.random.Generator, text: str) -> str:
    """Sometimes drop or double one character."""
    if rng.random() >= TYPO_CHANCE:
        return text
    at = int(rng.integers(len(text)))
    return text[:at] + (text[at] * 2 if rng.random() < 0.5 else "") + text[at + 1 :]
