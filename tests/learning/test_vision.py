import math

import pytest
import torch

from sovereign_robot.learning.vision import POINTED, SPREAD, CameraEncoder, centred, heat_loss

HEIGHT, WIDTH, TEXT = 48, 64, 10


def encoder(keypoints: int = 6, text_width: int = TEXT) -> CameraEncoder:
    torch.manual_seed(0)
    return CameraEncoder(HEIGHT, WIDTH, 8, keypoints, text_width).eval()


def pictures(count: int = 2) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    return torch.randint(-128, 128, (count, 3, HEIGHT, WIDTH), generator=draw).float()


@torch.no_grad()
def test_features_have_the_width_that_is_promised_and_heat_is_a_probability():
    for keypoints in (0, 2, 6):
        eye = encoder(keypoints)
        seen = eye(pictures(), torch.rand(2, TEXT))

        assert seen.features.shape == (2, eye.width)
        assert seen.heat.shape == (2, POINTED, HEIGHT // 4 * WIDTH // 4)
        if keypoints:
            assert torch.allclose(seen.heat.exp().sum(2), torch.ones(2, POINTED), atol=1e-5)


def test_the_grid_holds_the_middles_of_the_cells_row_by_row():
    grid = encoder().grid

    assert grid[0].tolist() == pytest.approx([-1 + 4 / WIDTH, -1 + 4 / HEIGHT])
    assert grid[1].tolist() == pytest.approx([-1 + 12 / WIDTH, -1 + 4 / HEIGHT])
    assert grid[-1].tolist() == pytest.approx([1 - 4 / WIDTH, 1 - 4 / HEIGHT])


@torch.no_grad()
def test_a_picture_of_less_contrast_is_seen_the_same():
    eye, text = encoder(), torch.rand(2, TEXT)
    full, weak = (eye(contrast * pictures(), text).features for contrast in (1.0, 0.25))

    assert torch.allclose(full, weak, atol=1e-3)


@torch.no_grad()
def test_without_a_text_the_picture_is_seen_the_same_whatever_is_said():
    deaf, text = encoder(text_width=0), torch.rand(2, TEXT)

    assert torch.equal(deaf(pictures(), text).features, deaf(pictures(), 1.0 - text).features)


@torch.no_grad()
def test_every_sample_is_seen_on_its_own():
    eye, text = encoder(), torch.rand(3, TEXT)
    together = eye(pictures(3), text).features
    alone = eye(pictures(3)[1:2], text[1:2]).features

    assert torch.allclose(together[1:2], alone, atol=1e-4)


def test_centred_pixels_are_about_zero_and_exact_in_bfloat16():
    pixels = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16, 1).expand(1, 16, 16, 3)
    exact = centred(pixels, torch.float32)

    assert exact.shape == (1, 3, 16, 16)
    assert (exact.min(), exact.max()) == (-128.0, 127.0)
    assert torch.equal(centred(pixels, torch.bfloat16).float(), exact)


def peak(grid: torch.Tensor, at: tuple[float, float]) -> torch.Tensor:
    """(1, 1, G) log probability of a keypoint that is sure of a place, as sharp as the truth is taught."""
    distance = (torch.tensor(at) - grid).square().sum(1)
    return torch.log_softmax(-distance / (2.0 * SPREAD**2), dim=0)[None, None]


def test_the_loss_of_a_keypoint_is_least_at_the_truth():
    grid, truth = encoder().grid, (0.3, -0.4)
    places = [truth, (0.2, -0.4), (0.3, -0.2), (-0.5, 0.5)]
    losses = [float(heat_loss(peak(grid, at), torch.tensor([[truth]]), grid)) for at in places]

    assert losses == sorted(losses)
    flat = torch.full((1, 1, len(grid)), -math.log(len(grid)))
    assert losses[0] < float(heat_loss(flat, torch.tensor([[truth]]), grid))


@pytest.mark.parametrize("away", [(1.01, 0.0), (0.0, -1.2), (3.0, 3.0)])
def test_what_is_out_of_the_picture_teaches_nothing(away):
    grid = encoder().grid
    heat = torch.log_softmax(torch.rand(2, 1, len(grid)), dim=2).requires_grad_()
    wanted = torch.tensor([[(0.1, 0.1)], [away]])
    loss = heat_loss(heat, wanted, grid)
    loss.backward()

    assert heat.grad is not None
    assert heat.grad[0].abs().sum() > 0.0
    assert heat.grad[1].abs().sum() == 0.0
    alone = heat_loss(heat[:1].detach(), wanted[:1], grid)
    assert float(loss.detach()) == pytest.approx(
        float(alone) / 2.0
    )  # per sample, so that shares of a batch add up
