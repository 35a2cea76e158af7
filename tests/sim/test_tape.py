import numpy as np
import pytest

from sovereign_robot.contract.robot import RobotContract
from sovereign_robot.contract.types import Labels
from sovereign_robot.sim.simulation import Simulation
from sovereign_robot.sim.tape import Tape

FRAMES = 3


@pytest.fixture(scope="module")
def recorded(simulation: Simulation):
    """A tape with every third command the expert's, its scene, and what was seen and done meanwhile."""
    scene = simulation.reset(5, "train")
    tape, seen, commands = Tape(simulation, 10.0), [], []
    for frame in range(FRAMES):
        tape.look()
        seen.append((simulation.attention(), simulation.joint_state(), simulation.images()))
        np.testing.assert_array_equal(tape.joint_rad, seen[-1][1].position_rad)
        np.testing.assert_array_equal(tape.images["wrist"], seen[-1][2]["wrist"])
        commands.append(np.array(scene.start_rad) + 0.02 * frame)
        tape.act(commands[-1], expert=frame % 3 == 0)
        simulation.step_control(commands[-1])
    return tape, scene, seen, commands


def test_an_episode_is_what_was_seen_and_done_frame_by_frame(recorded, robot: RobotContract):
    tape, scene, seen, commands = recorded
    episode = tape.episode(scene)

    for name, images in episode.images.items():
        np.testing.assert_array_equal(images, [s[2][name] for s in seen])
    np.testing.assert_array_equal(episode.attention, [s[0] for s in seen])
    np.testing.assert_array_equal(episode.joint_position_rad, [s[1].position_rad for s in seen])
    np.testing.assert_array_equal(episode.stamp_s, [s[1].stamp_s for s in seen])
    np.testing.assert_array_equal(episode.action_rad, commands)
    assert episode.expert.tolist() == [True, False, False]
    assert episode.attention.shape == (FRAMES, len(robot.cameras), 2, 2)


def test_it_says_what_was_asked_at_which_rate_and_whether_it_was_done(recorded):
    tape, scene, _, _ = recorded
    episode = tape.episode(scene)

    assert (episode.task, episode.seed, episode.split) == (scene.task, scene.seed, scene.split)
    assert (episode.instruction, episode.language, episode.goal) == (
        scene.instruction,
        scene.language,
        scene.goal,
    )
    assert (episode.rate_hz, episode.success, episode.labels) == (10.0, False, None)


def test_labels_make_an_attempt_that_teaches(recorded, robot: RobotContract):
    tape, scene, _, _ = recorded
    labels = Labels(np.zeros((FRAMES, 4, len(robot.joints))), np.tile([0, 4], (FRAMES, 1)))

    assert not tape.episode(scene).teaches
    assert tape.episode(scene, labels).teaches
