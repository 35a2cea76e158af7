"""From the trunk's features to a chunk: in one pass, in two (the second corrects the first), or by flow.

regression   the chunk at once
iterative    a second pass sees 0.9 of the first one's answer (minimal iterative policy, arXiv 2512.01809)
flow         four Euler steps of a learnt velocity field (flow matching, arXiv 2210.02747), from the mean
"""

import torch
from torch import Tensor, nn

from sovereign_robot.learning.student_config import Head

KEPT, FLOW_STEPS = 0.9, 4


class ActionHead(nn.Module):
    """Features (B, F) to a chunk (B, T, J) in units of its deviation."""

    def __init__(self, kind: Head, inputs: int, horizon: int, joints: int) -> None:
        super().__init__()
        self.kind, self.shape = kind, (horizon, joints)
        self.estimate = nn.Linear(horizon * joints + 1, inputs) if kind != "regression" else None
        self.mix = nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, inputs), nn.GELU())
        self.out = nn.Linear(inputs, horizon * joints)

    def forward(self, x: Tensor) -> Tensor:
        """The chunk, as on the robot."""
        zero = x.new_zeros((len(x), *self.shape))
        if self.kind == "regression":
            return self._pass(x, zero, 0.0)
        if self.kind == "iterative":
            return self._pass(x, KEPT * self._pass(x, zero, 0.0), 1.0)
        chunk = zero
        for step in range(FLOW_STEPS):
            chunk = chunk + self._pass(x, chunk, step / FLOW_STEPS) / FLOW_STEPS
        return chunk

    def error(self, x: Tensor, wanted: Tensor, noise: Tensor, time: Tensor) -> Tensor:
        """(B, T) what training makes small.

        Args:
            x: (B, F) features.
            wanted: (B, T, J) the teacher's chunk.
            noise: (B, T, J) standard normal.
            time: (B, 1) in 0 .. 1.
        """
        if self.kind == "regression":
            return (self._pass(x, torch.zeros_like(wanted), 0.0) - wanted).abs().mean(2)
        if self.kind == "iterative":
            first = self._pass(x, torch.zeros_like(wanted), 0.0)
            second = self._pass(x, KEPT * wanted + (1.0 - KEPT) * noise, 1.0)
            return 0.5 * ((first - wanted).abs() + (second - wanted).abs()).mean(2)
        share = time.unsqueeze(2)
        velocity = self._pass(x, (1.0 - share) * noise + share * wanted, time)
        return (velocity - (wanted - noise)).abs().mean(2)

    def _pass(self, x: Tensor, chunk: Tensor, time: float | Tensor) -> Tensor:
        if self.estimate is not None:
            at = time if isinstance(time, Tensor) else x.new_full((len(x), 1), time)
            x = x + self.estimate(torch.cat([chunk.flatten(1), at], dim=1))
        return self.out(x + self.mix(x)).unflatten(1, self.shape)
