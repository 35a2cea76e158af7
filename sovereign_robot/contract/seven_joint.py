"""An arm that nobody sells, so that what is said of all arms is tried on more than one."""

from sovereign_robot.contract.robot import RobotContract

_SEVEN_JOINT_SAFETY = {
    "tool_speed_m_s": 0.8,
    "workspace": {"lower_m": [-0.9, -0.9, -0.1], "upper_m": [0.9, 0.9, 1.2]},
    "keep_out": [
        {"name": "table", "lower_m": [-2.0, -2.0, -0.5], "upper_m": [2.0, 2.0, 0.0]},
        {"name": "shelf", "lower_m": [0.3, 0.35, 0.0], "upper_m": [0.6, 0.7, 0.4]},
    ],
}


def seven_joint_arm() -> RobotContract:
    """A made-up arm with seven joints, on a table, with a box beside it: wider than any robot shipped."""
    names = (*(f"j{i}" for i in range(1, 7)), "gripper")
    ranges = (2.6, 1.7, 2.6, 2.0, 2.6, 1.9)
    limits = {"velocity_rad_s": 2.5, "acceleration_rad_s2": 15.0, "effort_nm": 40.0}
    joints = [
        {"name": name, "lower_rad": -most, "upper_rad": most, **limits}
        for name, most in zip(names, ranges, strict=False)
    ]
    return RobotContract.from_data(
        {
            "name": "seven_joint",
            "joints": [*joints, {"name": names[-1], "lower_rad": -0.1, "upper_rad": 0.9, **limits}],
            "home_rad": [0.0, 0.4, 0.0, 1.4, 0.0, 1.0, 0.2],
            "gripper": {"joint": names[-1], "closed_rad": -0.1, "open_rad": 0.9},
            "cameras": [],
            "control_rate_hz": 100.0,
            "policy_rate_hz": 20.0,
            "stop": "hold",
            "mjcf": "robots/seven_joint/seven_joint.xml",
            "safety": _SEVEN_JOINT_SAFETY,
        },
        "seven_joint_arm",
    )
