import numpy as np
import pytest
import torch

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.learning.student import Student, StudentOnBoard, TextEncoder
from sovereign_robot.learning.training import student_of

ROBOT = load_robot("so101")
CONFIG = student_of(ROBOT)


@pytest.fixture(scope="module")
def student() -> Student:
    torch.manual_seed(0)
    return Student(CONFIG).eval()


def inputs(count: int = 2) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    joints, rows = CONFIG.joints, CONFIG.max_committed
    return {
        "images": torch.rand(
            count, len(CONFIG.cameras), 3, CONFIG.height_px, CONFIG.width_px, generator=draw
        ),
        "joints_rad": torch.rand(count, joints, generator=draw),
        "text": torch.rand(count, CONFIG.text_width, generator=draw),
        "anchor_rad": torch.rand(count, joints, generator=draw),
        "committed_rad": torch.rand(count, rows, joints, generator=draw),
        "mask": torch.tensor([[1.0] * i + [0.0] * (rows - i) for i in range(count)]),
    }


@torch.no_grad()
def test_it_predicts_a_chunk_and_a_pose(student):
    chunk, pose = student(**inputs())

    assert chunk.shape == (2, CONFIG.horizon, CONFIG.joints)
    assert pose.shape == (2, CONFIG.joints)


@torch.no_grad()
def test_rows_that_are_not_promised_do_not_matter(student):
    given = inputs()
    before, _ = student(**given)
    given["committed_rad"][given["mask"] == 0] = 7.0
    after, _ = student(**given)
    given["committed_rad"][given["mask"] == 1] = 7.0
    changed, _ = student(**given)

    assert torch.equal(before, after)
    assert not torch.equal(before[1], changed[1])


@torch.no_grad()
def test_a_shift_of_all_joints_and_commands_shifts_the_plan_by_as_much_when_statistics_follow():
    torch.manual_seed(0)
    student = Student(CONFIG).eval()
    given, shift = inputs(), 0.3
    before, _ = student(**given)
    student.state_mean += shift
    for name in ("joints_rad", "anchor_rad", "committed_rad"):
        given[name] += shift

    assert torch.allclose(student(**given)[0], before, atol=1e-5)


@torch.no_grad()
def test_on_board_takes_raw_pixels_and_gives_joint_targets(student):
    given = inputs(1)
    pixels = (given["images"] * 255.0).round()
    raw = pixels.permute(0, 1, 3, 4, 2).to(torch.uint8)
    target = StudentOnBoard(student).eval()(raw, *list(given.values())[1:])
    chunk, _ = student(**{**given, "images": pixels / 255.0})

    expected = given["anchor_rad"].unsqueeze(1) + chunk * student.step_std
    assert torch.allclose(target, expected, atol=1e-6)


@torch.no_grad()
def test_a_text_vector_does_not_depend_on_the_other_texts_of_a_batch():
    torch.manual_seed(0)
    encoder = TextEncoder(CONFIG.text_width).eval()
    ids = torch.randint(2, 90, (3, 64))
    ids[1, 20:] = 0

    for i in range(3):
        assert torch.allclose(encoder(ids)[i], encoder(ids[i : i + 1])[0], atol=1e-6)


def test_it_has_about_a_million_parameters():
    count = sum(p.numel() for p in Student(CONFIG).parameters())

    assert 1_000_000 < count < 2_000_000


def with_cameras(*sizes: tuple[int, int]) -> RobotContract:
    cameras = [
        {"name": f"c{i}", "width_px": w, "height_px": h, "rate_hz": 20.0, "frame": f"c{i}_optical"}
        for i, (w, h) in enumerate(sizes)
    ]
    return RobotContract.model_validate(ROBOT.model_dump() | {"cameras": cameras})


@pytest.mark.parametrize("sizes", [[], [(128, 96), (64, 48)], [(100, 96)], [(128, 90)]])
def test_cameras_that_the_student_cannot_take_are_refused_with_their_sizes(sizes):
    with pytest.raises(ContractError) as refusal:
        student_of(with_cameras(*sizes))

    assert "multiples of 16 px" in str(refusal.value)
    for width, height in sizes:
        assert f"{width}x{height} px" in str(refusal.value)


@pytest.mark.parametrize("sizes", [[(64, 48)], [(128, 96)] * 3, [(96, 112)]])
@torch.no_grad()
def test_any_number_of_cameras_of_one_fitting_size_works(sizes):
    config = student_of(with_cameras(*sizes))
    images = torch.rand(1, len(sizes), 3, config.height_px, config.width_px)
    chunk, _ = Student(config).eval()(
        images,
        torch.zeros(1, 6),
        torch.zeros(1, config.text_width),
        torch.zeros(1, 6),
        torch.zeros(1, 4, 6),
        torch.zeros(1, 4),
    )

    assert np.isfinite(chunk.numpy()).all()
