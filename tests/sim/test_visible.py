"""What a sentence speaks of can be seen: a policy has nothing but its cameras."""

from collections import Counter

import mujoco
import numpy as np
import pytest

from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tasks.registry import TASKS
from sovereign_robot.sim.world import ARM, world_camera

SPLITS, SEEDS = ("train", "visual", "clutter"), range(4)
# Of 128x96 pixels. The smallest thing seen in 40 seeds of each split had 35, the least of the arm was 389.
PROP_PX, ARM_PX = 25, 300


def pixels_by_prop(simulation: Simulation, renderer: mujoco.Renderer, camera: str) -> Counter[str]:
    """Pixels of every prop, and of the arm as "arm", in one camera's picture."""
    model = simulation.model
    renderer.update_scene(simulation.data, world_camera(model, camera))
    picture = renderer.render()
    geoms = picture[..., 0][picture[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM)]
    roots = model.body_rootid[model.geom_bodyid[geoms]]
    count = np.bincount(roots, minlength=model.nbody)
    arm = model.body_rootid[model.geom_bodyid[model.geom(f"{ARM}moving_jaw").id]]
    seen = {name: int(count[model.body(f"{name}/body").id]) for name in simulation.scene.props}
    return Counter(seen | {"arm": int(count[arm])})


@pytest.mark.parametrize("task", TASKS)
def test_every_thing_in_a_scene_is_seen_by_a_camera_and_the_arm_by_the_front_one(robot, task):
    simulation = Simulation(robot, task)
    front = robot.camera("front")
    renderer = mujoco.Renderer(simulation.model, front.height_px, front.width_px)
    renderer.enable_segmentation_rendering()
    unseen, least_arm = [], ARM_PX
    for split in SPLITS:
        for seed in SEEDS:
            scene = simulation.reset(seed, split)
            views = [pixels_by_prop(simulation, renderer, camera) for camera in ("front", "wrist")]
            unseen += [(split, seed, p) for p in scene.props if views[0][p] + views[1][p] < PROP_PX]
            least_arm = min(least_arm, views[0]["arm"])
    renderer.close()
    simulation.close()

    assert unseen == []
    assert least_arm >= ARM_PX
