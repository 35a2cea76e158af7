"""Sentences to goal codes: what the robot is asked for, as probabilities that people can read.

Where to look is decided by the whole sentence, what stands there by the few characters around it, and words
that mean the same in several slots ("red" below or on top) have one answer, and a slot is said by the tasks
that have it: so a pair of values that was never said together is read like any other.

Shape letters: B batch, L characters, G groups of the code, V values of a group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sovereign_robot.learning.goal_code import TASK, GoalCode
from sovereign_robot.policy.text import PADDING, vocabulary_size
from sovereign_robot.sim.language.grammar import grammar_of

CHARACTER_WIDTH = 48
WIDTH = 96
KERNEL = 5
DILATIONS = (1, 2, 4)
EYES = 2  # per group
MASKED = -1e4  # a score that takes no attention
IMPOSSIBLE = -1e4  # a logarithm of nothing


class GoalTextEncoder(nn.Module):
    """Character ids (B, L) to the goal code (B, 49): convolutions, then attention and an answer per group."""

    def __init__(self, code: GoalCode | None = None) -> None:
        """Take the code; without one that of all tasks."""
        super().__init__()
        groups = (code or GoalCode()).groups
        self._slots = [_Slot.of(slot, groups) for slot in groups if slot != TASK]
        self._meanings = meanings([slot.values for slot in self._slots])
        self.embed = nn.Embedding(vocabulary_size(), CHARACTER_WIDTH, padding_idx=PADDING)
        self.enter = nn.Conv1d(CHARACTER_WIDTH, WIDTH, KERNEL, padding=KERNEL // 2)
        self.word = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=KERNEL // 2)
        self.sentence = nn.ModuleList(
            [nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=d * (KERNEL // 2), dilation=d) for d in DILATIONS]
        )
        self.attention = nn.Conv1d(WIDTH, len(groups) * EYES, 1)
        self.task = nn.Linear(EYES * WIDTH, len(groups[TASK]) + 1)
        self.value = nn.ModuleList([nn.Linear(EYES * WIDTH, len(values) + 1) for values in self._meanings])
        self.unsaid = nn.ModuleList([nn.Linear(EYES * WIDTH, 1) for _ in self._slots])

    def forward(self, ids: Tensor) -> Tensor:
        """The code; what is not said, or not known, is 0 in all of its entries."""
        return torch.cat([torch.exp(scores)[:, :-2] for scores in self.scores(ids)], dim=1)

    def scores(self, ids: Tensor) -> list[Tensor]:
        """For each group the log-probabilities (B, V + 2): its values, "not said", "something else"."""
        words, context = self._seen(ids)
        task = torch.log_softmax(self.task(context[:, 0]), dim=1)
        never = torch.full_like(task[:, :1], IMPOSSIBLE)
        slots = [
            self._slot(slot, task, words[:, i], self.unsaid[i - 1](context[:, i]))
            for i, slot in enumerate(self._slots, start=1)
        ]
        return [torch.cat([task, never], dim=1), *slots]

    def _slot(self, slot: "_Slot", task: Tensor, words: Tensor, unsaid: Tensor) -> Tensor:
        """What is said of a slot: nothing by tasks that lack it, else what stands there."""
        meaning = next(i for i, known in enumerate(self._meanings) if slot.values[0] in known)
        known = self._meanings[meaning]
        logits = self.value[meaning](words)
        mine = logits[:, [known.index(value) for value in slot.values]]
        others = [i for i in range(len(known) + 1) if i == len(known) or known[i] not in slot.values]
        strange = torch.logsumexp(logits[:, others], dim=1, keepdim=True)
        said = torch.log_softmax(torch.cat([mine, unsaid, strange], dim=1), dim=1)
        said = said + torch.logsumexp(task[:, slot.tasks], dim=1, keepdim=True)
        lacking = torch.logsumexp(task[:, slot.others], dim=1, keepdim=True)
        count = len(slot.values)
        silent = torch.logaddexp(said[:, count : count + 1], lacking)
        return torch.cat([said[:, :count], silent, said[:, count + 1 :]], dim=1)

    def _seen(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """What each group sees: the words it looks at, and the same in context, (B, G, EYES * WIDTH) each."""
        present = (ids != PADDING).unsqueeze(1)
        entered = torch.relu(self.enter(self.embed(ids).transpose(1, 2))) * present
        words = (entered + torch.relu(self.word(entered))) * present
        context = words
        for convolution in self.sentence:
            context = (context + torch.relu(convolution(context))) * present
        scores = self.attention(context).masked_fill(~present, MASKED)
        weights = torch.softmax(scores, dim=2)
        return self._by_group(weights, words), self._by_group(weights, context)

    def _by_group(self, weights: Tensor, features: Tensor) -> Tensor:
        seen = weights @ features.transpose(1, 2)
        return seen.unflatten(1, (len(self._slots) + 1, EYES)).flatten(2)


@dataclass(frozen=True)
class _Slot:
    """The values of a slot, which tasks have it, and which have not; behind the tasks stands "no task"."""

    values: tuple[str, ...]
    tasks: list[int]
    others: list[int]

    @classmethod
    def of(cls, slot: str, groups: Mapping[str, tuple[str, ...]]) -> "_Slot":
        having = [i for i, task in enumerate(groups[TASK]) if slot in grammar_of(task).slots]
        others = [i for i in range(len(groups[TASK]) + 1) if i not in having]
        return cls(groups[slot], having, others)


def meanings(slots: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The values that slots share, as few lists as possible: colours, sides, kinds."""
    found: list[tuple[str, ...]] = []
    for values in slots:
        joined = [known for known in found if set(known) & set(values)]
        rest = [known for known in found if known not in joined]
        every = (value for known in (*joined, values) for value in known)
        found = [*rest, tuple(dict.fromkeys(every))]
    return found
