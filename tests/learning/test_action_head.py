import pytest
import torch

from sovereign_robot.learning.action_head import FLOW_STEPS, KEPT, ActionHead

INPUTS, ROWS, JOINTS, COUNT = 48, 5, 3, 4
HEADS = ("regression", "iterative", "flow")


def head(kind: str) -> ActionHead:
    torch.manual_seed(0)
    return ActionHead(kind, INPUTS, ROWS, JOINTS)


def drawn(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("kind", HEADS)
def test_every_kind_gives_a_chunk_and_an_error_per_row(kind):
    made, x = head(kind), drawn(COUNT, INPUTS)
    wanted, noise = drawn(COUNT, ROWS, JOINTS, seed=2), drawn(COUNT, ROWS, JOINTS, seed=3)
    error = made.error(x, wanted, noise, torch.rand(COUNT, 1))

    assert made(x).shape == (COUNT, ROWS, JOINTS)
    assert error.shape == (COUNT, ROWS)
    assert (error >= 0.0).all()


@pytest.mark.parametrize("kind", HEADS)
def test_a_chunk_repeats_and_is_that_of_its_sample_alone(kind):
    made, x = head(kind), drawn(COUNT, INPUTS)

    assert torch.equal(made(x), made(x))
    assert torch.allclose(made(x)[1:2], made(x[1:2]), atol=1e-6)


def test_one_pass_has_the_error_of_the_chunk_itself():
    made, x, wanted = head("regression"), drawn(COUNT, INPUTS), drawn(COUNT, ROWS, JOINTS, seed=2)
    error = made.error(x, wanted, torch.zeros_like(wanted), torch.zeros(COUNT, 1))

    assert torch.allclose(error, (made(x) - wanted).abs().mean(2), atol=1e-6)


def test_the_second_pass_is_taught_near_the_truth_and_sees_the_first_answer():
    made, x = head("iterative"), drawn(COUNT, INPUTS)
    first = made._pass(x, torch.zeros(COUNT, ROWS, JOINTS), 0.0)
    assert torch.equal(made(x), made._pass(x, KEPT * first, 1.0))

    wanted, time = drawn(COUNT, ROWS, JOINTS, seed=2), torch.zeros(COUNT, 1)
    quiet, loud = (made.error(x, wanted, n * torch.ones_like(wanted), time) for n in (0.0, 5.0))
    assert not torch.equal(quiet, loud)


def test_flow_follows_its_field_in_equal_steps_from_the_mean():
    """A field that is constant carries the mean all the way, whatever the number of steps."""
    made, x = head("flow"), drawn(COUNT, INPUTS)
    for weight in made.parameters():
        torch.nn.init.zeros_(weight)
    torch.nn.init.constant_(made.out.bias, 0.7)
    assert torch.allclose(made(x), torch.full((COUNT, ROWS, JOINTS), 0.7))

    calls = []
    made.out.register_forward_hook(lambda *_: calls.append(1))
    made(x)
    assert len(calls) == FLOW_STEPS


def test_the_field_of_a_flow_leads_from_the_noise_to_the_truth():
    made, x = head("flow"), drawn(COUNT, INPUTS)
    for weight in made.parameters():
        torch.nn.init.zeros_(weight)
    wanted, noise = drawn(COUNT, ROWS, JOINTS, seed=2), drawn(COUNT, ROWS, JOINTS, seed=3)
    error = made.error(x, wanted, noise, torch.rand(COUNT, 1))

    assert torch.allclose(error, (wanted - noise).abs().mean(2), atol=1e-6)


@pytest.mark.parametrize("kind", HEADS)
def test_it_learns_one_chunk_by_heart(kind):
    made, x = head(kind), drawn(1, INPUTS)
    wanted = 0.5 * drawn(1, ROWS, JOINTS, seed=2)
    optimiser = torch.optim.Adam(made.parameters(), 0.01)
    draw = torch.Generator().manual_seed(0)
    for _ in range(400):
        noise = torch.randn(32, ROWS, JOINTS, generator=draw)
        time = torch.rand(32, 1, generator=draw)
        loss = made.error(x.expand(32, -1), wanted.expand(32, -1, -1), noise, time).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    with torch.no_grad():
        assert (made(x) - wanted).abs().mean() < 0.3 * wanted.abs().mean()
