"""Which letters have stood side by side in sentences that were taught: so that unknown words are seen.

A slip of one letter makes a few pairs and triples that are new, an unknown word a whole run of them.
"""

import torch
from torch import Tensor, nn

from sovereign_robot.policy.text import PADDING, token_ids

TABLE = 1 << 16  # places of hashed pairs, and of triples; a fifth of them is taken
LEFT, MIDDLE, RIGHT = 1_299_709, 7_919, 104_729
KINDS = 2  # pairs and triples


class KnownLetters(nn.Module):
    """Remembers pairs and triples of letters within words."""

    known: Tensor  # (KINDS, TABLE) 1 where one was taught

    def __init__(self) -> None:
        """Know none."""
        super().__init__()
        self._space = int(token_ids("a b")[0, 1])
        self.register_buffer("known", torch.zeros(KINDS, TABLE, dtype=torch.uint8))

    def teach(self, ids: Tensor) -> None:
        """Remember what stands side by side in sentences (B, L)."""
        for kind, (places, inside) in enumerate(self._places(ids)):
            self.known[kind, places[inside]] = 1

    def forward(self, ids: Tensor) -> Tensor:
        """(B, KINDS, L) 1 where a pair or a triple of letters is new."""
        new = [
            inside & (self.known[kind][places] == 0)
            for kind, (places, inside) in enumerate(self._places(ids))
        ]
        return torch.stack(new, dim=1).float()

    def _places(self, ids: Tensor) -> list[tuple[Tensor, Tensor]]:
        """For pairs and for triples the place in the table, and whether no space is among the letters."""
        nothing = torch.full_like(ids[:, :1], PADDING)
        left = torch.cat([nothing, ids[:, :-1]], dim=1)
        right = torch.cat([ids[:, 1:], nothing], dim=1)
        pair = ids * MIDDLE + right * RIGHT
        inside = self._is_letter(ids) & self._is_letter(right)
        triple = (pair + left * LEFT) % TABLE
        return [(pair % TABLE, inside), (triple, inside & self._is_letter(left))]

    def _is_letter(self, ids: Tensor) -> Tensor:
        return (ids != PADDING) & (ids != self._space)
