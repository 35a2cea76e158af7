"""Choose a headless renderer before MuJoCo is imported: EGL, then OSMesa.

MuJoCo reads `MUJOCO_GL` once, at import; so whoever renders calls `choose_backend` first. A backend
is tried in a process of its own, because a failed one cannot be undone in this process.
"""

import os
import subprocess
import sys
from functools import cache

from sovereign_robot.contract.errors import RenderError

BACKENDS = ("egl", "osmesa")
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
    for backend in (chosen,) if chosen else BACKENDS:
        if _renders(backend):
            os.environ["MUJOCO_GL"] = backend
            return backend
    tried = chosen or " and ".join(BACKENDS)
    raise RenderError(
        f"headless rendering with {tried} does not work on this machine: install libegl1 and libgl1-mesa-dri "
        "(or libosmesa6) with the system's package manager"
    )


def _renders(backend: str) -> bool:
    env = {**os.environ, "MUJOCO_GL": backend}
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE], env=env, capture_output=True, check=False, timeout=60
    )
    return probe.returncode == 0
