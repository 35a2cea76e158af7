import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.sim.randomisation import DRAWS, draw, load_ranges
from sovereign_robot.sim.scene import SPLITS
from sovereign_robot.sim.variation import NOMINAL

MANY = 300
PRINT_DRAWS = """
import dataclasses, json
import numpy as np
from sovereign_robot.sim.randomisation import draw, load_ranges
ranges = load_ranges()
for seed in range(4):
    for split in ("train", "visual"):
        print(json.dumps(dataclasses.asdict(draw(ranges, np.random.default_rng(seed), split))))
"""


@pytest.fixture(scope="module")
def ranges():
    return load_ranges()


def draws(ranges, split, count=MANY):
    found = [draw(ranges, np.random.default_rng(seed), split) for seed in range(count)]
    return [variation for variation in found if variation != NOMINAL]


def shipped() -> dict:
    return yaml.safe_load((share_dir() / "config" / "randomisation.yaml").read_text(encoding="utf-8"))


def within(values, limits, scale=1.0):
    values = np.ravel(list(values)) * scale
    smallest, largest = limits
    reach = largest - smallest
    assert smallest - 1e-6 <= values.min() <= smallest + 0.1 * reach
    assert largest - 0.1 * reach <= values.max() <= largest + 1e-6


@pytest.mark.parametrize("split", ["train", "visual"])
def test_looks_fill_their_ranges_and_stay_inside(ranges, split):
    looks = [variation.look for variation in draws(ranges, split)]
    limits = getattr(ranges, split)
    tints = [tint for look in looks for tint in look.objects]

    within((look.lamp_azimuth_deg for look in looks), limits.lamp_azimuth_deg)
    within((look.lamp_elevation_deg for look in looks), limits.lamp_elevation_deg)
    within((tint.hue_deg for tint in tints), limits.object_hue_deg)
    within((tint.saturation_factor for tint in tints), limits.object_saturation_factor)
    within((tint.brightness_factor for tint in tints), limits.object_brightness_factor)
    within((max(look.table_rgb) for look in looks), limits.table_brightness)
    within((max(look.backdrop_rgb) for look in looks), limits.backdrop_brightness)
    assert {look.table_texture for look in looks} == set(limits.table_textures)
    least, most = limits.light_tint_factor
    for look in looks:
        for light, strength in (
            (look.lamp_factor, limits.lamp_factor),
            (look.room_factor, limits.room_factor),
        ):
            assert strength[0] * least <= min(light) <= max(light) <= strength[1] * most


@pytest.mark.parametrize("split", ["train", "visual"])
def test_cameras_move_up_to_their_limit_and_no_further(ranges, split):
    looks = [variation.look for variation in draws(ranges, split)]
    for index, (camera, limit) in enumerate(getattr(ranges, split).cameras.items()):
        moves = [look.cameras[index] for look in looks]
        assert {move.camera for move in moves} == {camera}
        for field, most in (("shift_m", limit.shift_m), ("turn_deg", limit.turn_deg)):
            lengths = np.linalg.norm([getattr(move, field) for move in moves], axis=1)
            assert 0.9 * most < lengths.max() <= most + 1e-5


def test_unseen_cameras_hang_within_3_cm_and_5_degrees_and_further_than_in_training(ranges):
    for name, camera in ranges.visual.cameras.items():
        assert camera.shift_m <= 0.03
        assert camera.turn_deg <= 5.0
        assert camera.shift_m > ranges.train.cameras[name].shift_m
        assert camera.turn_deg > ranges.train.cameras[name].turn_deg


def test_unseen_looks_are_unseen(ranges):
    """No texture, table hue or lamp direction of `visual` occurs in `train`."""
    assert not set(ranges.visual.table_textures) & set(ranges.train.table_textures)
    for field in ("table_hue_deg", "lamp_azimuth_deg"):
        unseen, seen = getattr(ranges.visual, field), getattr(ranges.train, field)
        assert unseen[1] < seen[0] or seen[1] < unseen[0]


def test_dynamics_and_sensing_fill_their_ranges_and_stay_inside(ranges):
    variations = draws(ranges, "train")
    dynamics = [variation.dynamics for variation in variations]
    sensing = [variation.sensing for variation in variations]

    for field in ("object_mass_factor", "arm_mass_factor", "friction_factor", "gain_factor"):
        within([getattr(one, field) for one in dynamics], getattr(ranges.dynamics, field))
    assert all(len(one.object_mass_factor) == DRAWS for one in dynamics)
    within((one.joint_noise_rad for one in sensing), ranges.sensors.joint_noise_rad)
    within((one.joint_delay_s for one in sensing), ranges.sensors.joint_delay_ms, 1000.0)
    within((one.camera_delay_s for one in sensing), ranges.sensors.camera_delay_ms, 1000.0)
    within((one.image_noise_levels for one in sensing), ranges.sensors.image_noise_levels)


def test_a_declared_share_of_train_scenes_is_nominal(ranges):
    varied = len(draws(ranges, "train", 1000)) / 1000

    assert varied == pytest.approx(1.0 - ranges.nominal_share, abs=0.05)
    assert not draws(ranges.model_copy(update={"nominal_share": 1.0}), "train")


def test_only_training_and_the_visual_split_vary(ranges):
    for split in SPLITS:
        found = draws(ranges, split, 20)
        assert bool(found) == (split in ("train", "visual"))
    assert all(one.dynamics is None and one.sensing == NOMINAL.sensing for one in draws(ranges, "visual"))


def test_a_seed_means_the_same_variation_in_every_process(ranges):
    command = [sys.executable, "-c", PRINT_DRAWS]
    printed = [subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(2)]
    here = [
        json.dumps(dataclasses.asdict(draw(ranges, np.random.default_rng(seed), split)))
        for seed in range(4)
        for split in ("train", "visual")
    ]

    assert printed[0] == printed[1]
    assert printed[0].splitlines() == here
    assert len(set(here)) > 4


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("train", "lamp_factor"), [1.2, 0.7], r"train\.lamp_factor: must be \[smallest, largest\]"),
        (("visual", "table_saturation"), [0.1, 1.5], r"visual\.table_saturation: must lie within 0 \.\. 1"),
        (("train", "table_textures"), ["lace"], r"train\.table_textures\.0: must be one of plain, checker"),
        (("visual", "table_textures"), ["wood", "cloth"], "visual.table_textures name cloth, which train"),
        (("dynamics", "gain_factor"), [0.0, 1.0], r"dynamics\.gain_factor: must lie within 0\.1 \.\. 10"),
        (("sensors", "joint_delay_ms"), [-5, 10], r"sensors\.joint_delay_ms: must lie within 0 \.\. 1000"),
        (("sensors", "joint_noise_rad"), "much", r"sensors\.joint_noise_rad: should be a valid tuple"),
        (("train", "fog"), [0.0, 1.0], r"train\.fog: is not a known key"),
        (("nominal_share",), 1.5, "nominal_share: should be less than or equal to 1, got 1.5"),
        (("train", "cameras"), {"front": {"shift_m": -1.0, "turn_deg": 1.0}}, r"front\.shift_m"),
    ],
)
def test_a_wrong_value_is_refused_with_file_and_field(tmp_path, where, value, message):
    data = shipped()
    part = data
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")

    with pytest.raises(UsageError, match=f"mine.yaml: .*{message}"):
        load_ranges(str(path))


def test_a_missing_part_is_named(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in shipped().items() if k != "visual"}), encoding="utf-8")

    with pytest.raises(UsageError, match=r"mine\.yaml: visual: is missing"):
        load_ranges(str(path))


def test_what_is_no_file_is_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="randomisation 'strong' is not known; give a YAML file or default"):
        load_ranges("strong")
    with pytest.raises(UsageError, match=r"randomisation file .*none\.yaml cannot be read"):
        load_ranges(str(tmp_path / "none.yaml"))
