"""Sentences to goal codes: what the robot is asked for, as probabilities that people can read.

What stands somewhere is read from the few characters there, and words that mean the same in several slots
have one answer. Where to look is decided by the whole sentence, in which every colour and every thing is
covered by a mark (`marks.py`). A slot is said by the tasks that have it. So a pair of values that was never
said together is read like any other.

Shape letters: B batch, L characters, G groups of the code, V values of a group, M marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from sovereign_robot.learning.goal_code import TASK, GoalCode
from sovereign_robot.learning.letters import KINDS, KnownLetters
from sovereign_robot.learning.marks import MARKS
from sovereign_robot.policy.text import PADDING, vocabulary_size
from sovereign_robot.sim.language.grammar import grammar_of

CHARACTER_WIDTH = 48
WIDTH = 96
KERNEL = 5
DILATIONS = (1, 2, 4)
EYES = 2  # per group; the first one reads the slot's word
BLUR = 7  # letters over which the context's view is spread, about a word
MASKED = -1e4  # a score that takes no attention
IMPOSSIBLE = -1e4  # a logarithm of nothing


class GoalTextEncoder(nn.Module):
    """Character ids (B, L) to the goal code (B, 49): convolutions, then attention and an answer per group."""

    def __init__(self, code: GoalCode | None = None) -> None:
        """Take the code; without one that of all tasks."""
        super().__init__()
        groups = (code or GoalCode()).groups
        self._meanings = meanings([values for slot, values in groups.items() if slot != TASK])
        self._slots = [_Slot.of(slot, groups, self._meanings) for slot in groups if slot != TASK]
        self.embed = nn.Embedding(vocabulary_size(), CHARACTER_WIDTH, padding_idx=PADDING)
        self.letters = KnownLetters()
        self.enter = nn.Conv1d(CHARACTER_WIDTH + KINDS, WIDTH, KERNEL, padding=KERNEL // 2)
        # Wide enough that "clockwise" is read with the "counter" before it.
        self.word = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=2 * (KERNEL // 2), dilation=2)
        self.mark = nn.Conv1d(WIDTH, len(MARKS), 1)
        self.cover = nn.Linear(len(MARKS) - 1, CHARACTER_WIDTH, bias=False)
        self.covered = nn.Conv1d(CHARACTER_WIDTH + KINDS, WIDTH, KERNEL, padding=KERNEL // 2)
        self.sentence = nn.ModuleList(
            [nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=d * (KERNEL // 2), dilation=d) for d in DILATIONS]
        )
        self.anchor = nn.Conv1d(WIDTH, len(self._meanings), 1)
        self.attention = nn.Conv1d(WIDTH, len(groups) * EYES, 1)
        self.task = nn.Linear(EYES * WIDTH, len(groups[TASK]) + 1)
        self.value = nn.ModuleList([nn.Linear(WIDTH, len(values) + 1) for values in self._meanings])
        self.unsaid = nn.ModuleList([nn.Linear(EYES * WIDTH, 1) for _ in self._slots])

    def forward(self, ids: Tensor) -> Tensor:
        """The code; what is not said, or not known, is 0 in all of its entries."""
        return code_of(self.scores(ids))

    def scores(self, ids: Tensor) -> list[Tensor]:
        """For each group the log-probabilities (B, V + 2): its values, "not said", "something else"."""
        return self.read(ids)[0]

    def familiarity(self, ids: Tensor) -> Tensor:
        """(B, 1) the probability that a task is asked for, and nothing that no task has."""
        return familiarity_of(self.scores(ids))

    def read(self, ids: Tensor) -> tuple[list[Tensor], Tensor]:
        """The scores, and the logits (B, M, L) of the marks."""
        words, context, marks = self._seen(ids)
        task = torch.log_softmax(self.task(context[:, 0].flatten(1)), dim=1)
        never = torch.full_like(task[:, :1], IMPOSSIBLE)
        slots = [
            self._slot(slot, task, words[:, i, 0], self.unsaid[i - 1](context[:, i].flatten(1)))
            for i, slot in enumerate(self._slots, start=1)
        ]
        return [torch.cat([task, never], dim=1), *slots], marks

    def _slot(self, slot: "_Slot", task: Tensor, words: Tensor, unsaid: Tensor) -> Tensor:
        """What is said of a slot: nothing by tasks that lack it, else what stands there."""
        known = self._meanings[slot.meaning]
        logits = self.value[slot.meaning](words)
        mine = logits[:, [known.index(value) for value in slot.values]]
        others = [i for i in range(len(known) + 1) if i == len(known) or known[i] not in slot.values]
        strange = torch.logsumexp(logits[:, others], dim=1, keepdim=True)
        said = torch.log_softmax(torch.cat([mine, unsaid, strange], dim=1), dim=1)
        said = said + torch.logsumexp(task[:, slot.tasks], dim=1, keepdim=True)
        lacking = torch.logsumexp(task[:, slot.others], dim=1, keepdim=True)
        count = len(slot.values)
        silent = torch.logaddexp(said[:, count : count + 1], lacking)
        return torch.cat([said[:, :count], silent, said[:, count + 1 :]], dim=1)

    def _seen(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The words that each group looks at, the same in context (B, G, EYES, WIDTH), and the marks."""
        present = (ids != PADDING).unsqueeze(1)
        letters = torch.cat([self.embed(ids).transpose(1, 2), self.letters(ids)], dim=1)
        entered = torch.relu(self.enter(letters)) * present
        words = (entered + torch.relu(self.word(entered))) * present
        marks = self.mark(words)
        context = torch.relu(self.covered(self._covered(letters, marks) * present)) * present
        for convolution in self.sentence:
            context = (context + torch.relu(convolution(context))) * present
        scores = self._attention(words, context, present).masked_fill(~present, MASKED)
        weights = torch.softmax(scores, dim=2)
        return self._by_group(weights, words), self._by_group(weights, context), marks

    def _attention(self, words: Tensor, context: Tensor, present: Tensor) -> Tensor:
        """(B, G * EYES, L) where to look: the word by the context, the letter in it by its meaning."""
        scores = self.attention(context) * present
        first = scores[:, ::EYES]  # the eye of each group that reads the slot's word
        coarse = functional.avg_pool1d(first, BLUR, stride=1, padding=BLUR // 2)[:, 1:]
        fine = self.anchor(words)[:, [slot.meaning for slot in self._slots]]
        first = torch.cat([first[:, :1], coarse + fine], dim=1)
        return torch.stack([first, scores[:, 1::EYES]], dim=2).flatten(1, 2)

    def _covered(self, letters: Tensor, marks: Tensor) -> Tensor:
        """The letters (B, CHARACTER_WIDTH + KINDS, L) under their marks, which no answer can move."""
        marked = functional.one_hot(marks.detach().argmax(1), len(MARKS)).to(letters.dtype)
        cover = functional.pad(self.cover(marked[:, :, 1:]), (0, KINDS))
        return letters * marked[:, :, :1].transpose(1, 2) + cover.transpose(1, 2)

    def _by_group(self, weights: Tensor, features: Tensor) -> Tensor:
        seen = weights @ features.transpose(1, 2)
        return seen.unflatten(1, (len(self._slots) + 1, EYES))


class TextOnBoard(nn.Module):
    """What is exported: character ids (1, L) to the goal code (1, 49) and the familiarity (1, 1)."""

    def __init__(self, encoder: GoalTextEncoder) -> None:
        """Take a taught encoder."""
        super().__init__()
        self.encoder = encoder

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Both answers to one sentence."""
        scores = self.encoder.scores(ids)
        return code_of(scores), familiarity_of(scores)


def code_of(scores: Sequence[Tensor]) -> Tensor:
    """(B, W) the goal code in the scores of its groups."""
    return torch.cat([torch.exp(group)[:, :-2] for group in scores], dim=1)


def familiarity_of(scores: Sequence[Tensor]) -> Tensor:
    """(B, 1) the familiarity in them; see `GoalTextEncoder.familiarity`."""
    familiar = 1 - torch.exp(scores[0][:, -2:-1])
    for slot in scores[1:]:
        familiar = familiar * (1 - torch.exp(slot[:, -1:]))
    return familiar


@dataclass(frozen=True)
class _Slot:
    """The values of a slot, their meaning, which tasks have it, and which have not, "no task" among these."""

    values: tuple[str, ...]
    meaning: int
    tasks: list[int]
    others: list[int]

    @classmethod
    def of(
        cls, slot: str, groups: Mapping[str, tuple[str, ...]], known: Sequence[tuple[str, ...]]
    ) -> "_Slot":
        having = [i for i, task in enumerate(groups[TASK]) if slot in grammar_of(task).slots]
        others = [i for i in range(len(groups[TASK]) + 1) if i not in having]
        meaning = next(i for i, values in enumerate(known) if groups[slot][0] in values)
        return cls(groups[slot], meaning, having, others)


def meanings(slots: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The values that slots share, as few lists as possible: colours, sides, kinds."""
    found: list[tuple[str, ...]] = []
    for values in slots:
        joined = [known for known in found if set(known) & set(values)]
        rest = [known for known in found if known not in joined]
        every = (value for known in (*joined, values) for value in known)
        found = [*rest, tuple(dict.fromkeys(every))]
    return found
