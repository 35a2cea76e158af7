"""One camera's picture and a sentence to features: keypoints, what is seen at them, and a summary.

Language conditions every stage (FiLM, arXiv 1709.07871) so that keypoints settle on the named things;
keypoints come from a spatial softmax (arXiv 1504.00702). Two of them are taught where the thing and the place
are that the sentence names. Group norm over the whole picture: a brighter room changes nothing, and one
process sees the same as several.

Shape letters: B batch, H, W pixels, K keypoints, G cells of the fine grid.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

POINTED = 2  # keypoints that are taught: the thing and the place
SUMMARY, SQUEEZED = 128, 16
SPREAD = 0.05  # of a taught keypoint about the truth, in picture coordinates


class Seen(NamedTuple):
    """What an encoder makes of a picture.

    Attributes:
        features: (B, F) for the trunk.
        heat: (B, POINTED, G) log probability of the taught keypoints over the fine grid.
    """

    features: Tensor
    heat: Tensor


class Stage(nn.Module):
    """Convolution, group norm, FiLM by the text, ReLU; adds its input where the shapes allow it."""

    def __init__(self, inputs: int, outputs: int, stride: int, text_width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm = nn.GroupNorm(1, outputs)
        self.film = nn.Linear(text_width, 2 * outputs) if text_width else None
        if self.film is not None:
            nn.init.zeros_(self.film.weight)
            nn.init.zeros_(self.film.bias)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor, text: Tensor) -> Tensor:
        """Features (B, C, h, w) and text (B, text_width) to features."""
        y = self.norm(self.conv(x))
        if self.film is not None:
            gain, shift = self.film(text).unsqueeze(2).unsqueeze(3).chunk(2, dim=1)
            y = y * (1 + gain) + shift
        y = torch.relu(y)
        return x + y if self.residual else y


class CameraEncoder(nn.Module):
    """A picture to `Seen`; three scales, the coarse ones tell the fine one what is around."""

    grid: Tensor  # (G, 2) x and y of each cell's middle, -1 .. 1
    width: int  # entries F of the features

    def __init__(self, height_px: int, width_px: int, width: int, keypoints: int, text_width: int) -> None:
        """Take the sizes; `text_width` 0 leaves the picture alone, `keypoints` 0 keeps only the summary."""
        super().__init__()
        w, rows, columns = width, height_px // 4, width_px // 4
        self.stem = nn.Sequential(nn.Conv2d(3, w, 6, 4, 1, bias=False), nn.GroupNorm(1, w), nn.ReLU())
        self.fine = Stage(w, w, 1, text_width)
        self.middle = nn.ModuleList([Stage(w, 2 * w, 2, text_width), Stage(2 * w, 2 * w, 1, text_width)])
        self.coarse = Stage(2 * w, 3 * w, 2, text_width)
        self.squeeze = nn.Conv2d(3 * w, SQUEEZED, 1)
        self.summary = nn.Linear(SQUEEZED * (rows // 4) * (columns // 4), SUMMARY)
        self.keypoints = keypoints
        self.width = SUMMARY
        if keypoints:
            self.width += 3 * keypoints + POINTED * 3 * w
            self.from_middle, self.from_coarse = nn.Conv2d(2 * w, w, 1), nn.Conv2d(3 * w, w, 1)
            self.place = nn.Parameter(torch.zeros(1, w, rows, columns))
            self.heat = nn.Conv2d(w, keypoints, 1)
        ys, xs = torch.meshgrid(_middles(rows), _middles(columns), indexing="ij")
        self.register_buffer("grid", torch.stack([xs.flatten(), ys.flatten()], dim=1), persistent=False)

    def forward(self, image: Tensor, text: Tensor) -> Seen:
        """Image (B, 3, H, W) of `centred` pixels and text (B, text_width)."""
        fine = self.fine(self.stem(image), text)
        middle = fine
        for stage in self.middle:
            middle = stage(middle, text)
        coarse = self.coarse(middle, text)
        summary = torch.relu(self.summary(self.squeeze(coarse).flatten(1)))
        if not self.keypoints:
            return Seen(summary, summary.new_zeros((len(image), POINTED, len(self.grid))))
        around = functional.interpolate(self.from_middle(middle), scale_factor=2.0)
        around = around + functional.interpolate(self.from_coarse(coarse), scale_factor=4.0)
        heat = self.heat(torch.relu(fine + around + self.place)).flatten(2).float()
        weights = torch.softmax(heat, dim=2)
        points = weights @ self.grid
        pointed = weights[:, :POINTED].to(fine.dtype)
        looked_at = [pointed @ fine.flatten(2).transpose(1, 2)]
        looked_at.append(_halved(pointed, fine.shape[2:]) @ middle.flatten(2).transpose(1, 2))
        features = [
            points.flatten(1),
            weights.amax(2),
            *(x.flatten(1).float() for x in looked_at),
            summary.float(),
        ]
        return Seen(torch.cat(features, dim=1), torch.log_softmax(heat[:, :POINTED], dim=2))


def centred(pixels: Tensor, dtype: torch.dtype) -> Tensor:
    """Pictures (..., H, W, 3) uint8 to (..., 3, H, W) about 0; the stem's norm sees to their scale.

    Grey levels less 128 are exact in bfloat16.
    """
    return (pixels.to(dtype) - 128.0).movedim(-1, -3)


def _middles(cells: int) -> Tensor:
    """Coordinates of the cells' middles along a side, -1 .. 1."""
    return (torch.arange(cells) + 0.5) * (2.0 / cells) - 1.0


def _halved(weights: Tensor, grid: torch.Size) -> Tensor:
    """Weights (B, P, G) of the fine grid on the grid of half its sides, which sum to 1 as well."""
    return 4.0 * functional.avg_pool2d(weights.unflatten(2, tuple(grid)), 2).flatten(2)


def heat_loss(heat: Tensor, wanted: Tensor, grid: Tensor) -> Tensor:
    """Cross-entropy of the taught keypoints, per sample and point; 0 for what is out of the picture.

    Args:
        heat: (B, P, G) log probabilities.
        wanted: (B, P, 2) where they should be, -1 .. 1 inside of the picture.
        grid: (G, 2) middles of the cells.
    """
    inside = (wanted.abs() <= 1.0).all(dim=2)
    distance = (wanted.unsqueeze(2) - grid).square().sum(dim=3)
    target = torch.softmax(-distance / (2.0 * SPREAD**2), dim=2)
    return -(target * heat).sum(dim=2)[inside].sum() / inside.numel()
