"""Choose a headless renderer before MuJoCo is imported: EGL, then OSMesa.

MuJoCo reads `MUJOCO_GL` once, at import; so whoever renders calls `choose_backend` first. A backend
is tried in a process of its own, because a failed one cannot be undone in this process; what was found is
left in the environment, so that the processes started from here need not try again.
"""

import os
import subprocess
import sys
from functools import cache

from sovereign_robot.contract.errors import RenderError

BACKENDS = ("egl", "osmesa")
PROVEN = "SOVEREIGN_ROBOT_RENDERER"
PROBE_TIMEOUT_S = 60.0
PROBE_S = 120.0
_PROBE = (
    "import mujoco; m = mujoco.MjModel.from_xml_string('<mujoco/>'); "
    "r = mujoco.Renderer(m, 8, 8); r.update_scene(mujoco.MjData(m)); r.render()"
)


@cache
def choose_backend() -> str:
    """Set `MUJOCO_GL` to the first backend that renders here; one that the user set is kept.

    Raises:
        RenderError: none works; says what to install.
    """
    chosen = os.environ.get("MUJOCO_GL", "")
    if chosen and chosen == os.environ.get(PROVEN):
        return chosen
    for backend in (chosen,) if chosen else BACKENDS:
        if _renders(backend):
            os.environ["MUJOCO_GL"] = os.environ[PROVEN] = backend
            return backend
    tried = chosen or " and ".join(BACKENDS)
    raise RenderError(
        f"headless rendering with {tried} does not work on this machine: install libegl1 and libgl1-mesa-dri "
        "(or libosmesa6) with the system's package manager"
    )


def _renders(backend: str) -> bool:
    env = {**os.environ, "MUJOCO_GL": backend}
    command = [sys.executable, "-c", _PROBE]
    try:
        probe = subprocess.run(command, env=env, capture_output=True, check=False, timeout=PROBE_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return False
    return probe.returncode == 0
