"""Teach the text encoder the words first: phrases from the grammar to their slots, in under a minute.

A policy that learns words only through motion needs an episode for each wording; the grammar is free.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from sovereign_robot.learning.student import TextEncoder
from sovereign_robot.policy.text import token_ids
from sovereign_robot.sim.tasks.phrases import BINS, COLOURS, LANGUAGES, instruction

STEPS = 600
BATCH = 128
TYPO_CHANCE = 0.15


def teach_words(encoder: TextEncoder, width: int, seed: int, steps: int = STEPS) -> float:
    """Train `encoder` in place to tell colour and bin; returns the share of right slots in new phrases."""
    rng = np.random.default_rng([seed, 5])
    colours, bins = tuple(COLOURS), tuple(BINS)
    heads = nn.ModuleList([nn.Linear(width, len(colours)), nn.Linear(width, len(bins))])
    optimiser = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], lr=2e-3)
    for _ in range(steps):
        tokens, slots = _phrases(rng, colours, bins)
        vector = encoder(tokens)
        loss = torch.stack(
            [functional.cross_entropy(h(vector), slots[:, i]) for i, h in enumerate(heads)]
        ).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        tokens, slots = _phrases(rng, colours, bins)
        vector = encoder(tokens)
        right = [(h(vector).argmax(1) == slots[:, i]).float().mean() for i, h in enumerate(heads)]
    return float(torch.stack(right).mean())


def _phrases(
    rng: np.random.Generator, colours: tuple[str, ...], bins: tuple[str, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    slots = np.stack([rng.integers(len(colours), size=BATCH), rng.integers(len(bins), size=BATCH)], axis=1)
    texts = [
        _typo(rng, instruction(rng, LANGUAGES[int(rng.integers(len(LANGUAGES)))], colours[c], bins[b]))
        for c, b in slots
    ]
    return torch.from_numpy(np.concatenate([token_ids(text) for text in texts])), torch.from_numpy(slots)


def _typo(rng: np.random.Generator, text: str) -> str:
    """Sometimes drop or double one character."""
    if rng.random() >= TYPO_CHANCE:
        return text
    at = int(rng.integers(len(text)))
    return text[:at] + (text[at] * 2 if rng.random() < 0.5 else "") + text[at + 1 :]
