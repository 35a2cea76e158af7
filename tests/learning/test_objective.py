from dataclasses import replace

import pytest
import torch

from sovereign_robot.learning.objective import Batch, StudentWithText, Weights
from sovereign_robot.policy.text import token_ids
from tests.datasets.samples import small_robot
from tests.policies import student_of

CONFIG = student_of(small_robot())
COUNT = 4


def model(weights: Weights | None = None, **how) -> StudentWithText:
    torch.manual_seed(0)
    return StudentWithText(CONFIG, weights, **how).eval()


def batch() -> Batch:
    draw = torch.Generator().manual_seed(1)
    c, rows, size = CONFIG, (COUNT, CONFIG.horizon), (CONFIG.height_px, CONFIG.width_px)

    def random(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=draw)

    return Batch(
        images=255.0 * random(COUNT, len(c.cameras), 3, *size) - 128.0,
        tokens=torch.from_numpy(token_ids("put the red cube in the left bin")).expand(COUNT, -1),
        text=random(COUNT, c.text_width),
        joints_rad=random(COUNT, c.joints),
        anchor_rad=random(COUNT, c.joints),
        committed_rad=random(COUNT, c.max_committed, c.joints),
        mask=torch.zeros(COUNT, c.max_committed),
        target_rad=random(*rows, c.joints),
        weight=torch.ones(rows),
        keyframe_rad=random(COUNT, c.joints),
        keyframe_known=torch.ones(COUNT),
        attention=random(COUNT, len(c.cameras), 2, 2) - 0.5,
        noise=random(*rows, c.joints),
        time=random(COUNT, 1),
    )


NOTHING_BESIDE = Weights(keyframe=0.0, attention=0.0)


@torch.no_grad()
def test_rows_without_weight_count_nothing():
    learns, given = model(NOTHING_BESIDE), batch()
    given.weight[:, 5:] = 0.0
    other = replace(given, target_rad=given.target_rad.clone())
    other.target_rad[:, 5:] = 9.0
    assert torch.equal(learns(given), learns(other))

    other.target_rad[:, 4] = 9.0
    assert learns(other) > learns(given)


@torch.no_grad()
def test_a_batch_without_free_rows_has_no_loss_of_its_chunk():
    assert model(NOTHING_BESIDE)(replace(batch(), weight=torch.zeros(COUNT, CONFIG.horizon))) == 0.0


@torch.no_grad()
def test_the_chunk_is_learnt_relative_and_in_units_of_its_deviation():
    learns, given = model(NOTHING_BESIDE), batch()
    learns.student.step_std.fill_(0.5)
    acts = learns.student
    chunk = acts(
        given.images, given.joints_rad, given.text, given.anchor_rad, given.committed_rad, given.mask
    )

    assert float(learns(given)) == pytest.approx(
        float((chunk - given.target_rad).abs().mean() / 0.5), rel=1e-4
    )


@torch.no_grad()
def test_the_pose_counts_only_where_it_is_known_and_by_its_weight():
    given = batch()
    losses = [float(model(Weights(keyframe=w, attention=0.0))(given)) for w in (0.0, 1.0, 2.0)]
    assert losses[2] - losses[0] == pytest.approx(2.0 * (losses[1] - losses[0]), rel=1e-4)
    assert losses[1] > losses[0]

    unknown = replace(given, keyframe_known=torch.zeros(COUNT))
    assert float(model(Weights(keyframe=1.0, attention=0.0))(unknown)) == losses[0]


@torch.no_grad()
def test_attention_counts_only_inside_of_the_pictures():
    given = batch()
    plain, taught = (float(model(Weights(keyframe=0.0, attention=w))(given)) for w in (0.0, 1.0))
    outside = replace(given, attention=torch.full_like(given.attention, 1.5))

    assert taught > plain
    assert float(model(Weights(keyframe=0.0, attention=1.0))(outside)) == pytest.approx(plain)


def test_where_vectors_are_given_the_text_encoder_is_not_asked():
    learns = model()
    learns(batch()).backward()
    assert all(weight.grad is None for weight in learns.text.parameters())

    learns(replace(batch(), text=None)).backward()
    assert any(weight.grad is not None for weight in learns.text.parameters())


@pytest.mark.parametrize("learns", [True, False])
def test_every_weight_that_may_learn_in_the_text_encoder_does(learns):
    """What is asked to learn and cannot would stop a run of several processes."""
    whole = model()
    whole.tune_text(learns)
    whole(replace(batch(), text=None)).backward()

    for name, weight in whole.text.named_parameters():
        assert weight.requires_grad == (weight.grad is not None), name
    assert any(weight.requires_grad for weight in whole.text.parameters()) == learns


def test_every_weight_of_the_student_learns():
    learns = model()
    learns(batch()).backward()

    assert [name for name, weight in learns.student.named_parameters() if weight.grad is None] == []


@torch.no_grad()
def test_vision_in_bfloat16_has_nearly_the_same_loss():
    exact, rough = (float(model(bf16=bf16)(batch())) for bf16 in (False, True))

    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.05)
