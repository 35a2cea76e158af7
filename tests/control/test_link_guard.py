import mujoco
import numpy as np
import pytest

from sovereign_robot.contract.errors import ContractError
from sovereign_robot.contract.resources import share_dir
from sovereign_robot.contract.robot import RobotContract, load_robot
from sovereign_robot.contract.seven_joint import seven_joint_arm
from sovereign_robot.control.limit import Limit
from sovereign_robot.control.link_guard import LinkGuard
from sovereign_robot.control.link_model import LinkModel
from sovereign_robot.control.safety_filter import SafetyFilter

SO101 = load_robot("so101")
SEVEN = seven_joint_arm()


def spoilt(**changes: object) -> RobotContract:
    data = SO101.model_dump()
    safety = data["safety"] | changes.pop("safety", {})
    return RobotContract.from_data(data | changes | {"safety": safety}, "test")


def worst_after(contract: RobotContract, target: np.ndarray, ticks: int = 250) -> tuple[dict, set[Limit]]:
    """Least clearance by kind on the way to a target, and what spoke against it."""
    guard = LinkGuard(contract)
    safety, watcher = SafetyFilter(contract, guard), LinkGuard(contract)
    safety.start(contract.home)
    least, kinds = watcher.clearance_m(contract.home), set()
    for _ in range(ticks):
        filtered = safety.apply(target, contract.control_step_s)
        kinds |= set(filtered.interventions)
        now = watcher.clearance_m(filtered.command_rad)
        least = {kind: min(least[kind], now[kind]) for kind in least}
    return least, kinds


def test_at_home_everything_is_clear():
    clear = LinkGuard(SO101).clearance_m(SO101.home)
    assert set(clear) == {Limit.WORKSPACE, Limit.TABLE, Limit.KEEP_OUT, Limit.SELF_COLLISION}
    assert min(clear.values()) > 0.01


def test_the_arm_stops_before_the_table():
    least, kinds = worst_after(SO101, np.array([0.0, 1.7, 0.3, 0.5, 0.0, 0.3]))
    assert Limit.TABLE in kinds
    assert least[Limit.TABLE] >= 0.0005
    assert least[Limit.TABLE] < 0.02, "it goes near"


def test_the_arm_stops_before_a_persons_side():
    contract = spoilt(
        safety={"keep_out": [{"name": "person", "lower_m": [-1, 0.1, 0], "upper_m": [1, 1, 1]}]}
    )
    least, kinds = worst_after(contract, np.array([-1.2, 0.3, 0.3, 0.3, 0.0, 0.3]))
    assert Limit.KEEP_OUT in kinds
    assert 0.01 <= least[Limit.KEEP_OUT] < 0.03


def test_the_arm_stays_in_its_workspace():
    room = {"lower_m": [-0.2, -0.2, -0.1], "upper_m": [0.3, 0.2, 0.5]}
    least, kinds = worst_after(spoilt(safety={"workspace": room}), np.array([0.0, 0.9, -0.5, 0.0, 0.0, 0.3]))
    assert Limit.WORKSPACE in kinds
    assert 0.0 <= least[Limit.WORKSPACE] < 0.02


def test_links_do_not_touch_each_other():
    folded = np.array([0.0, -1.7, 1.69, 1.65, 0.0, 1.0])
    least, kinds = worst_after(SO101, folded)
    assert Limit.SELF_COLLISION in kinds
    assert least[Limit.SELF_COLLISION] >= 0.005


@pytest.mark.parametrize("contract", [SO101, SEVEN], ids=["so101", "seven_joint"])
def test_the_tool_keeps_its_speed(contract: RobotContract):
    safety, model = SafetyFilter(contract, LinkGuard(contract)), LinkModel(contract, 1)
    safety.start(contract.home)
    rng, before = np.random.default_rng(4), model.place(contract.home[None, :]).tool_m[0]
    for tick in range(600):
        if tick % 40 == 0:
            target = rng.uniform(contract.lower_rad, contract.upper_rad)
        tool = model.place(safety.apply(target, 0.01).command_rad[None, :]).tool_m[0]
        assert np.linalg.norm(tool - before) <= contract.safety.tool_speed_m_s * 0.01
        before = tool


def test_an_arm_that_starts_too_near_may_only_leave():
    low = np.array([0.0, 0.0, 0.4, 1.2, 0.0, 0.3])
    guard = LinkGuard(SO101)
    while guard.clearance_m(low)[Limit.TABLE] > -0.004:
        low[1] += 0.01
    begun = guard.clearance_m(low)[Limit.TABLE]
    safety, watcher = SafetyFilter(SO101, guard), LinkGuard(SO101)
    safety.start(low)
    for _ in range(30):
        command = safety.apply(low + np.array([0, 0.3, 0, 0, 0, 0]), 0.01).command_rad
        assert watcher.clearance_m(command)[Limit.TABLE] >= begun - 1e-9
    for _ in range(200):
        command = safety.apply(SO101.home, 0.01).command_rad
    assert np.abs(command - SO101.home).max() < 1e-3


def test_a_target_that_nothing_bars_is_not_touched():
    target = SO101.home + np.array([0.1, 0.1, -0.1, -0.1, 0.1, 0.1])
    guard = LinkGuard(SO101)
    guard.begin(SO101.home)
    moved, kinds = guard.moved_out(target, SO101.home)
    assert moved is target
    assert kinds == ()


@pytest.mark.parametrize("contract", [SO101, SEVEN], ids=["so101", "seven_joint"])
def test_distances_are_never_more_than_those_of_mujoco(contract: RobotContract):
    """The boxes of the contract, put into MuJoCo's own scene."""
    guard = LinkGuard(contract)
    spec = mujoco.MjSpec.from_file(str(_mjcf(contract)))
    for box in contract.safety.keep_out:
        lower, upper = np.array(box.lower_m), np.array(box.upper_m)
        spec.worldbody.add_geom(
            name=f"box {box.name}",
            type=mujoco.mjtGeom.mjGEOM_BOX,
            pos=(lower + upper) / 2,
            size=(upper - lower) / 2,
        )
    model = spec.compile()
    data = mujoco.MjData(model)
    boxes = [model.geom(f"box {box.name}").id for box in contract.safety.keep_out]
    links = [
        g
        for g in range(model.ngeom)
        if g not in boxes and model.body_weldid[model.geom_bodyid[g]] and model.geom_contype[g]
    ]
    rng = np.random.default_rng(0)
    for _ in range(100):
        pose = rng.uniform(contract.lower_rad, contract.upper_rad)
        data.qpos[[model.joint(n).qposadr[0] for n in contract.joint_names]] = pose
        mujoco.mj_kinematics(model, data)
        true_m = min(mujoco.mj_geomDistance(model, data, g, b, 2.0, None) for g in links for b in boxes)
        ours = guard.clearance_m(pose)
        ours_m = min(ours.get(Limit.TABLE, 9.0), ours.get(Limit.KEEP_OUT, 9.0))
        if true_m > 0.0:
            assert ours_m <= true_m + 1e-6


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mjcf": "robots/nowhere.xml"}, "mjcf .*nowhere.xml does not exist"),
        ({"mjcf": "robots/seven_joint/seven_joint.xml"}, "has no joint shoulder_pan"),
        ({"safety": {"tool_site": "hand"}}, r"has no site hand \(safety.tool_site\)"),
        ({"mjcf": "objects/cube.xml"}, "has no joint shoulder_pan"),
    ],
)
def test_an_arm_that_does_not_fit_is_refused(changes: dict, sentence: str):
    with pytest.raises(ContractError, match=sentence):
        LinkGuard(spoilt(**changes))


def _mjcf(contract: RobotContract):
    return share_dir() / "sim_assets" / contract.mjcf
