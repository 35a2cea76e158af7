"""Every ROS name once; all are relative, so a namespace moves the whole graph."""

JOINT_STATES = "joint_states"
INSTRUCTION = "instruction"
INSTRUCTION_ACTIVE = "instruction/active"
ACTION_CHUNK = "policy/action_chunk"
POLICY_TIMING = "policy/timing"
TELEOP_COMMAND = "teleop/command"
REPLAY_CHUNK = "replay/action_chunk"
ARM_COMMANDS = "arm_controller/commands"
SAFETY_ESTOP = "safety/estop"
SAFETY_RESET = "safety/reset"
SAFETY_START = "safety/start"
EMERGENCY_STOP = "safety/emergency_stop"
SAFETY_STATE = "safety/state"
SAFETY_TIMING = "safety/timing"
COMMAND_TIMING = "safety/command_timing"
SIM_RESET = "sim/reset"
SIM_PAUSE = "sim/pause"
SIM_TASK = "sim/task"
SIM_STATE = "sim/state"
HEARTBEAT = "heartbeat"
CLOCK = "/clock"
DIAGNOSTICS = "/diagnostics"


def camera_image_topic(camera: str) -> str:
    """Topic of the raw image of one camera."""
    return f"camera/{camera}/image_raw"


def camera_info_topic(camera: str) -> str:
    """Topic of the intrinsics of one camera."""
    return f"camera/{camera}/camera_info"
