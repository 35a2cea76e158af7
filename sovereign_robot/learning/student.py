"""The student: pictures, joints and a sentence to a chunk of targets, in one pass of 1 million parameters.

Language conditions the vision (FiLM, arXiv 1709.07871) so that keypoints settle on the named things;
keypoints come from a spatial softmax (arXiv 1504.00702). The chunk is relative to the last committed
action and repeats the actions already promised (training-time real-time chunking, arXiv 2512.05964).
An auxiliary head predicts the arm's pose at the next turn of the gripper: it teaches where things are.

Shape letters: B batch, C cameras, H, W pixels, J joints, D committed rows, T chunk rows.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sovereign_robot.policy.text import PADDING, vocabulary_size


@dataclass(frozen=True)
class StudentConfig:
    """Sizes of the student; stored with every checkpoint."""

    cameras: tuple[str, ...]
    height_px: int
    width_px: int
    joints: int
    horizon: int = 16
    max_committed: int = 4
    width: int = 24
    keypoints: int = 24
    text_width: int = 96
    trunk_width: int = 512


class TextEncoder(nn.Module):
    """Character ids (B, L) to one vector (B, text_width): two convolutions and attention pooling."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocabulary_size(), 48, padding_idx=PADDING)
        self.near = nn.Conv1d(48, width, 5, padding=2)
        self.far = nn.Conv1d(width, width, 5, padding=4, dilation=2)
        self.score = nn.Conv1d(width, 4, 1)
        self.out = nn.Linear(4 * width, width)

    def forward(self, ids: Tensor) -> Tensor:
        """Encode; padding takes no attention."""
        features = torch.relu(self.near(self.embed(ids).transpose(1, 2)))
        features = features + torch.relu(self.far(features))
        scores = self.score(features).masked_fill((ids == PADDING).unsqueeze(1), -1e4)
        pooled = torch.softmax(scores, dim=2) @ features.transpose(1, 2)  # (B, 4, width)
        return torch.tanh(self.out(pooled.flatten(1)))


class _Stage(nn.Module):
    """Convolution, batch norm, FiLM by the text, ReLU; `residual` adds the input."""

    def __init__(self, inputs: int, outputs: int, stride: int, text_width: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.film = nn.Linear(text_width, 2 * outputs)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        gain, shift = self.film(text).unsqueeze(2).unsqueeze(3).chunk(2, dim=1)
        y = torch.relu(self.norm(self.conv(x)) * (1 + gain) + shift)
        return x + y if self.residual else y


class CameraEncoder(nn.Module):
    """One camera's picture to keypoints and a summary vector."""

    grid: Tensor  # (cells, 2) x and y of each cell, -1 .. 1

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        w, t = config.width, config.text_width
        self.stem = nn.Sequential(nn.Conv2d(3, w, 6, 4, 1, bias=False), nn.BatchNorm2d(w), nn.ReLU())
        self.fine = nn.ModuleList([_Stage(w, w, 1, t), _Stage(w, w, 1, t)])
        self.heat = nn.Conv2d(w, config.keypoints, 1)
        self.coarse = nn.ModuleList([_Stage(w, 2 * w, 2, t), _Stage(2 * w, 3 * w, 2, t)])
        self.squeeze = nn.Conv2d(3 * w, 16, 1)
        rows, columns = config.height_px // 4, config.width_px // 4
        ys, xs = torch.meshgrid(torch.linspace(-1, 1, rows), torch.linspace(-1, 1, columns), indexing="ij")
        self.register_buffer("grid", torch.stack([xs.flatten(), ys.flatten()], dim=1), persistent=False)
        self.summary = nn.Linear(16 * (rows // 4) * (columns // 4), 128)

    def forward(self, image: Tensor, text: Tensor) -> Tensor:
        """Image (B, 3, H, W) in 0 .. 1 and text (B, text_width) to (B, 3 * keypoints + 128)."""
        x = self.stem(image - 0.5)
        for stage in self.fine:
            x = stage(x, text)
        heat = self.heat(x).flatten(2)  # (B, keypoints, cells)
        weights = torch.softmax(heat, dim=2)
        points = (weights @ self.grid).flatten(1)
        for stage in self.coarse:
            x = stage(x, text)
        summary = torch.relu(self.summary(self.squeeze(x).flatten(1)))
        return torch.cat([points, weights.amax(2), summary], dim=1)


class Student(nn.Module):
    """The whole policy without its text encoder, which runs once per instruction."""

    state_mean: Tensor  # (J,) [rad]
    state_std: Tensor  # (J,) [rad]
    step_std: Tensor  # (T, J) [rad]

    def __init__(self, config: StudentConfig) -> None:
        super().__init__()
        self.config = config
        c, j = config, config.joints
        self.eyes = nn.ModuleList([CameraEncoder(config) for _ in config.cameras])
        inputs = len(c.cameras) * (3 * c.keypoints + 128) + c.text_width + 2 * j + c.max_committed * (j + 1)
        self.enter = nn.Linear(inputs, c.trunk_width)
        self.blocks = nn.ModuleList(
            [
                nn.Sequential(nn.LayerNorm(c.trunk_width), nn.Linear(c.trunk_width, c.trunk_width), nn.GELU())
                for _ in range(3)
            ]
        )
        self.chunk = nn.Linear(c.trunk_width, c.horizon * j)
        self.keyframe = nn.Linear(c.trunk_width, j)
        for name, shape in (("state_mean", (j,)), ("state_std", (j,)), ("step_std", (c.horizon, j))):
            self.register_buffer(name, torch.ones(shape))

    def forward(
        self,
        images: Tensor,
        joints_rad: Tensor,
        text: Tensor,
        anchor_rad: Tensor,
        committed_rad: Tensor,
        mask: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Predict.

        Args:
            images: (B, C, 3, H, W) float in 0 .. 1.
            joints_rad: (B, J) measured.
            text: (B, text_width) from `TextEncoder`.
            anchor_rad: (B, J) last committed action, or the command in force.
            committed_rad: (B, D, J) promised rows; rows beyond the promise are ignored.
            mask: (B, D) 1 where a row is promised.

        Returns:
            the chunk (B, T, J) and the pose at the next turn of the gripper (B, J), both as offsets from
            the anchor, the chunk in units of `step_std`, the pose in units of `state_std`.
        """
        seen = [eye(images[:, i], text) for i, eye in enumerate(self.eyes)]
        promised = (committed_rad - anchor_rad.unsqueeze(1)) / self.state_std * mask.unsqueeze(2)
        features = [
            *seen,
            text,
            (joints_rad - self.state_mean) / self.state_std,
            (joints_rad - anchor_rad) / self.state_std * 10.0,
            promised.flatten(1) * 4.0,
            mask,
        ]
        x = torch.relu(self.enter(torch.cat(features, dim=1)))
        for block in self.blocks:
            x = x + block(x)
        chunk = self.chunk(x).unflatten(1, (self.config.horizon, self.config.joints))
        return chunk, self.keyframe(x)


class StudentOnBoard(nn.Module):
    """What is exported: raw inputs of one robot tick to absolute joint targets."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(
        self,
        images: Tensor,
        joints_rad: Tensor,
        text: Tensor,
        anchor_rad: Tensor,
        committed_rad: Tensor,
        mask: Tensor,
    ) -> Tensor:
        """Images (1, C, H, W, 3) uint8 and the inputs of `Student` to targets (1, T, J) [rad]."""
        pixels = images.permute(0, 1, 4, 2, 3).float() / 255.0
        chunk, _ = self.student(pixels, joints_rad, text, anchor_rad, committed_rad, mask)
        return anchor_rad.unsqueeze(1) + chunk * self.student.step_std
