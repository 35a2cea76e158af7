"""Teach the text encoder the words: sentences from the grammars to what they ask for, in two minutes.

A policy that learns words only through motion needs an episode for each wording; the grammars are free. Only
phrasings and combinations of training are said here, so what is held out stays new.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from sovereign_robot.contract.instruction import normalise
from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.lessons import Manner, lessons, longest
from sovereign_robot.learning.marks import UNCLEAR
from sovereign_robot.learning.text_encoder import GoalTextEncoder
from sovereign_robot.policy.text import PADDING
from sovereign_robot.sim.language.slips import slipped
from sovereign_robot.sim.tasks.registry import TASKS

STEPS = 7000
BATCH = 64
SHUFFLED = 8  # batches that are drawn at once
POOL = 100_000
SPELLING = 20_000  # sentences whose letters are known
EXAM = 1000
LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.05
SLIP_CHANCE = 0.3
IMPOSSIBLE = 0.18  # share of sentences that ask for nothing that can be done
STRANGE = 0.35  # share of sentences with a word for something that no task has
HARD = ("sort_two",) * 3  # two colours and two places in one sentence: said that much more often
NEW_PHRASINGS = Manner(held_out=True)


def taught_encoder(seed: int, steps: int = STEPS, tasks: Sequence[str] = tuple(TASKS)) -> GoalTextEncoder:
    """A text encoder that knows the words of the tasks; the same seed gives the same one."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = GoalTextEncoder()
        teach_words(encoder, seed, steps, tasks)
    return encoder.eval()


def teach_words(
    encoder: GoalTextEncoder, seed: int, steps: int = STEPS, tasks: Sequence[str] = tuple(TASKS)
) -> float:
    """Train `encoder` in place to tell which task is asked for, and what each of its slots holds.

    Args:
        encoder: sentences to goal codes.
        seed: decides the sentences.
        steps: batches.
        tasks: names of the tasks whose words are taught.

    Returns:
        the share of held-out phrasings of which every group is answered right.

    Raises:
        UsageError: a task does not exist.
    """
    rng = np.random.default_rng([seed, 5])
    size = steps * BATCH + 1
    encoder.letters.teach(lessons(rng, min(SPELLING, size), GoalCode(), tasks, Manner()).ids)
    manner = Manner(slip=_mistyped, strange=STRANGE, impossible=IMPOSSIBLE)
    pool = lessons(
        rng, min(POOL, size), GoalCode(), [*tasks, *(name for name in HARD if name in tasks)], manner
    )
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps + 1)
    encoder.train()
    for chosen in _batches(rng, pool.ids, steps):
        ids = pool.ids[chosen]
        length = longest(ids)
        scores, marks = encoder.read(ids[:, :length])
        loss = _loss(scores, pool.answers[chosen]) + functional.cross_entropy(
            marks, pool.marks[chosen, :length], ignore_index=UNCLEAR
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return examine(encoder, seed, tasks)


def examine(
    encoder: GoalTextEncoder,
    seed: int,
    tasks: Sequence[str] = tuple(TASKS),
    manner: Manner = NEW_PHRASINGS,
    size: int = EXAM,
) -> float:
    """The share of new sentences of which every group is answered right."""
    paper = lessons(np.random.default_rng([seed, 7]), size, GoalCode(), tasks, manner)
    readings = paper.readings()
    answers = zip(paper.texts, _answers(encoder, paper.ids), strict=True)
    return sum(row in readings[normalise(text)] for text, row in answers) / size


def _batches(rng: np.random.Generator, ids: Tensor, steps: int) -> Iterator[Tensor]:
    """Numbers of sentences per batch; those of one batch are about as long, which saves half of the time."""
    lengths = (ids != PADDING).sum(1)
    for begin in range(0, steps, SHUFFLED):
        drawn = torch.from_numpy(rng.integers(len(ids), size=BATCH * SHUFFLED))
        batches = drawn[lengths[drawn].argsort(stable=True)].split(BATCH)
        yield from (batches[i] for i in rng.permutation(SHUFFLED)[: steps - begin])


@torch.no_grad()
def _answers(encoder: GoalTextEncoder, ids: Tensor) -> list[tuple[int, ...]]:
    """For each sentence the likeliest value of every group."""
    encoder.eval()
    parts = [part[:, : longest(part)] for part in ids.split(BATCH)]
    best = [torch.stack([s.argmax(1) for s in encoder.scores(part)], dim=1) for part in parts]
    return [tuple(row) for row in torch.cat(best).tolist()]


def _loss(scores: Sequence[Tensor], answers: Tensor) -> Tensor:
    """Cross-entropy of all groups, per sentence of the batch."""
    every = [functional.cross_entropy(s, answers[:, group]) for group, s in enumerate(scores)]
    return torch.stack(every).sum()


def _mistyped(rng: np.random.Generator, text: str) -> str:
    """Sometimes with a slip."""
    return slipped(rng, text, held_out=False) if rng.random() < SLIP_CHANCE else text
