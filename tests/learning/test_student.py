import pytest
import torch

from sovereign_robot.contract.robot import load_robot
from sovereign_robot.learning.objective import StudentWithText
from sovereign_robot.learning.student import Student, StudentOnBoard
from sovereign_robot.learning.student_config import StudentConfig
from tests.learning.samples import with_cameras
from tests.policies import student_of

ROBOT = load_robot("so101")
CONFIG = student_of(ROBOT)


@pytest.fixture(scope="module")
def student() -> Student:
    return made(CONFIG)


def made(config: StudentConfig) -> Student:
    """With random weights, also where training begins with zeros."""
    torch.manual_seed(0)
    student = Student(config).eval()
    for name, weight in student.named_parameters():
        if ".film." in name:
            torch.nn.init.normal_(weight, 0.0, 0.1)
    return student


def inputs(count: int = 2, config: StudentConfig = CONFIG) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(1)
    joints, rows = config.joints, config.max_committed
    size = count, len(config.cameras), 3, config.height_px, config.width_px
    return {
        "images": torch.randint(-128, 128, size, generator=draw).float(),
        "joints_rad": torch.rand(count, joints, generator=draw),
        "text": torch.rand(count, config.text_width, generator=draw),
        "anchor_rad": torch.rand(count, joints, generator=draw),
        "committed_rad": torch.rand(count, rows, joints, generator=draw),
        "mask": torch.tensor([[1.0] * i + [0.0] * (rows - i) for i in range(count)]),
    }


@torch.no_grad()
def test_it_predicts_a_chunk(student):
    assert student(**inputs()).shape == (2, CONFIG.horizon, CONFIG.joints)


@torch.no_grad()
def test_rows_that_are_not_promised_do_not_matter(student):
    given = inputs()
    before = student(**given)
    given["committed_rad"][given["mask"] == 0] = 7.0
    after = student(**given)
    given["committed_rad"][given["mask"] == 1] = 7.0
    changed = student(**given)

    assert torch.equal(before, after)
    assert not torch.equal(before[1], changed[1])


@pytest.mark.parametrize("space", ["committed", "state", "absolute"])
@torch.no_grad()
def test_a_shift_of_all_joints_and_commands_shifts_the_plan_by_as_much_when_statistics_follow(space):
    student = made(student_of(ROBOT, action_space=space))
    given, shift = inputs(), 0.3
    before = student(**given)
    student.state_mean += shift
    for name in ("joints_rad", "anchor_rad", "committed_rad"):
        given[name] += shift

    assert torch.allclose(student(**given), before + shift, atol=1e-4)


@pytest.mark.parametrize(
    ("space", "base"), [("committed", "anchor_rad"), ("state", "joints_rad"), ("absolute", None)]
)
@torch.no_grad()
def test_a_chunk_is_relative_to_what_its_action_space_says(space, base):
    student, given = made(student_of(ROBOT, action_space=space)), inputs()
    expected = given[base] if base else student.state_mean.expand(2, -1)

    assert torch.equal(student.base_rad(given["joints_rad"], given["anchor_rad"]), expected)


@pytest.mark.parametrize("language", ["vision", "trunk", "both"])
@torch.no_grad()
def test_another_sentence_is_another_plan_whichever_way_it_goes_in(language):
    student, given = made(student_of(ROBOT, language=language)), inputs()
    before, seen = student(**given), student.see(given["images"], given["text"])
    given["text"] = given["text"].flip(1)
    seen_after = student.see(given["images"], given["text"])

    assert not torch.equal(student(**given), before)
    looks_elsewhere = not torch.equal(seen[0].features, seen_after[0].features)
    assert looks_elsewhere == (language != "trunk")


@torch.no_grad()
def test_a_trunk_that_hears_with_the_vision_learns_nothing_of_colours():
    student, given = made(student_of(ROBOT, language="both")), inputs()
    seen = student.see(given["images"], given["text"])
    rest = {name: given[name] for name in ("joints_rad", "anchor_rad", "committed_rad", "mask")}
    recoloured = given["text"] + (1 - student.heard)
    told = student.think(seen, text=given["text"], **rest).features

    assert torch.equal(student.think(seen, text=recoloured, **rest).features, told)
    assert not torch.equal(student.think(seen, text=given["text"] + 1, **rest).features, told)


@pytest.mark.parametrize("cameras", [("front",), ("wrist",)])
@torch.no_grad()
def test_it_works_with_a_part_of_the_cameras(cameras):
    config = student_of(ROBOT, cameras=cameras)

    assert made(config)(**inputs(2, config)).shape == (2, CONFIG.horizon, CONFIG.joints)


@torch.no_grad()
def test_on_board_takes_raw_pixels_and_gives_joint_targets(student):
    given = inputs(1)
    raw = (given["images"] + 128.0).permute(0, 1, 3, 4, 2).to(torch.uint8)
    target = StudentOnBoard(student).eval()(raw, *list(given.values())[1:])

    thought = student.think(
        student.see(given["images"], given["text"]), **{k: v for k, v in given.items() if k != "images"}
    )
    expected = given["anchor_rad"].unsqueeze(1) + student.head(thought.features) * student.step_std
    assert torch.allclose(target, expected, atol=1e-6)


@pytest.mark.parametrize("head", ["regression", "iterative", "flow"])
def test_all_of_it_has_about_three_million_parameters(head):
    model = StudentWithText(student_of(ROBOT, head=head))
    count = sum(p.numel() for p in model.parameters())

    assert 1_000_000 < count < 4_000_000


@pytest.mark.parametrize(
    "options",
    [{"head": "iterative"}, {"head": "flow"}, {"keypoints": 0}, {"horizon": 32}, {"max_committed": 0}],
    ids=str,
)
@torch.no_grad()
def test_every_option_makes_a_student_that_acts(options):
    config = student_of(ROBOT, **options)
    chunk = made(config)(**inputs(2, config))

    assert chunk.shape == (2, config.horizon, config.joints)
    assert chunk.isfinite().all()


@pytest.mark.parametrize("sizes", [[(64, 48)], [(128, 96)] * 3, [(96, 112)]])
@torch.no_grad()
def test_any_number_of_cameras_of_one_fitting_size_works(sizes):
    config = student_of(with_cameras(*sizes))

    assert made(config)(**inputs(1, config)).isfinite().all()
