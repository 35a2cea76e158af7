"""Where `config/`, `sim_assets/` and `launch/` are: a checkout, a colcon install, or `sys.prefix/share`."""

import os
import sys
from functools import cache
from pathlib import Path

from sovereign_robot.contract.errors import SovereignError

PACKAGE = "sovereign_robot"


@cache
def share_dir() -> Path:
    """Folder that holds `config/`, `sim_assets/` and `launch/`.

    Looked for in this order: beside the package (a checkout or an editable install), in each
    prefix of `AMENT_PREFIX_PATH` (a colcon install), in `sys.prefix` (a wheel).

    Raises:
        SovereignError: none of these holds the folder.
    """
    prefixes = [Path(p) for p in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if p]
    checkout = Path(__file__).resolve().parents[2]
    candidates = [checkout, *(p / "share" / PACKAGE for p in [*prefixes, Path(sys.prefix)])]
    for candidate in candidates:
        if (candidate / "config" / "robots").is_dir() and (candidate / "sim_assets").is_dir():
            return candidate
    tried = ", ".join(str(c) for c in candidates)
    raise SovereignError(
        f"the folders config/ and sim_assets/ of {PACKAGE} were not found in {tried}: "
        "install the package again"
    )
