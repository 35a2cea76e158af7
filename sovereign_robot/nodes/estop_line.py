"""An emergency stop line behind a character device or a FIFO, such as the serial port of a small controller.

The other side writes the byte `1` at least ten times a second while the line is closed. Everything else
stops: another byte, silence, the end of the stream, an error. Line ends are passed over, so that a
controller may write lines. A serial port must have been set to raw beforehand (`stty -F <path> raw`).
"""

import os
from pathlib import Path

from sovereign_robot.contract.errors import UsageError

CLOSED = frozenset(b"1\r\n")
SILENT_S = 0.2
CHUNK_BYTES = 4096


class LineReader:
    """The line of one device; see `EmergencyStopInput`."""

    def __init__(self, path: Path, now_s: float) -> None:
        """Open the device at a steady time [s].

        Raises:
            UsageError: there is no such device, or it may not be read.
        """
        self._path = path
        self._closed_s = now_s - SILENT_S
        self._lost = f"{path} has not said yet that it is closed"
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            raise UsageError(
                f"emergency stop line {path} cannot be read: {error.strerror}; give a device or a FIFO"
            ) from error

    def fault(self, now_s: float) -> str:
        """See `EmergencyStopInput`."""
        try:
            said = os.read(self._file, CHUNK_BYTES)
        except BlockingIOError:
            return self._after_silence(now_s)
        except OSError as error:
            self._lost = f"{self._path} is lost: {error.strerror}"
            return self._lost
        if not said:
            self._lost = f"nobody writes to {self._path} any more"
        elif set(said) <= CLOSED:
            self._closed_s, self._lost = now_s, ""
        else:
            self._lost = f"{self._path} is open"
        return self._lost

    def close(self) -> None:
        """See `EmergencyStopInput`."""
        os.close(self._file)

    def _after_silence(self, now_s: float) -> str:
        silent_s = now_s - self._closed_s
        if not self._lost and silent_s > SILENT_S:
            self._lost = f"{self._path} has been silent for more than {SILENT_S:g} s"
        return self._lost
