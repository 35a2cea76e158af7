"""What training makes small: the chunk's error, and what helps to see.

    chunk      L1 of the rows that are free, in units of their deviation
    keyframe   L1 of the arm's pose at the next turn of the gripper: where things are, in the arm's own terms
    attention  cross-entropy of the taught keypoints: which thing and which place the sentence names

Every sum is divided by the number of samples alone, so several processes that share a batch learn the same.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sovereign_robot.learning.goal_code import GoalCode
from sovereign_robot.learning.student import Student
from sovereign_robot.learning.student_config import StudentConfig
from sovereign_robot.learning.text_encoder import GoalTextEncoder
from sovereign_robot.learning.vision import CameraEncoder, heat_loss


@dataclass(frozen=True)
class Batch:
    """Tensors of B samples; see `Student.think` and `samples.Numbers`.

    Attributes:
        images: (B, C, 3, H, W) `centred`.
        text: (B, text_width) the sentence's vector, or None where the text encoder learns too.
        noise: (B, T, J) and time (B, 1): what `ActionHead.error` draws.
    """

    images: Tensor
    tokens: Tensor
    text: Tensor | None
    joints_rad: Tensor
    anchor_rad: Tensor
    committed_rad: Tensor
    mask: Tensor
    target_rad: Tensor
    weight: Tensor
    keyframe_rad: Tensor
    keyframe_known: Tensor
    attention: Tensor
    noise: Tensor
    time: Tensor


@dataclass(frozen=True)
class Weights:
    """How much each part counts beside the chunk."""

    keyframe: float = 0.2
    attention: float = 0.1


class StudentWithText(nn.Module):
    """Student and text encoder as one module, which is what trains."""

    def __init__(self, config: StudentConfig, weights: Weights | None = None, *, bf16: bool = False) -> None:
        """With `bf16` the vision computes in bfloat16; what acts is always float32."""
        super().__init__()
        self.student = Student(config)
        self.text = GoalTextEncoder(GoalCode())
        self._weights, self._bf16 = weights or Weights(), bf16

    def tune_text(self, learns: bool) -> None:
        """Let the text encoder learn or not; its marks never do: no gradient of an action reaches them."""
        self.text.requires_grad_(learns)
        self.text.mark.requires_grad_(False)

    def forward(self, batch: Batch) -> Tensor:
        """The loss of a batch."""
        student = self.student
        text = self.text(batch.tokens) if batch.text is None else batch.text
        with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=self._bf16):
            seen = student.see(batch.images, text)
        thought = student.think(
            seen, batch.joints_rad, text, batch.anchor_rad, batch.committed_rad, batch.mask
        )
        wanted = (batch.target_rad - thought.base_rad.unsqueeze(1)) / student.step_std
        error = student.head.error(thought.features, wanted, batch.noise, batch.time)
        pose = (batch.keyframe_rad - batch.anchor_rad) / student.state_std
        away = (student.keyframe(thought.features) - pose).abs().mean(1)
        loss = (error * batch.weight).mean() + self._weights.keyframe * (away * batch.keyframe_known).mean()
        if student.config.keypoints and self._weights.attention:
            for i, (eye, camera) in enumerate(zip(student.eyes, seen, strict=True)):
                assert isinstance(eye, CameraEncoder)
                loss = loss + self._weights.attention * heat_loss(
                    camera.heat, batch.attention[:, i], eye.grid
                )
        return loss
