"""Every error that a person can cause, as one small tree.

    SovereignError
    |- UsageError          a flag or an argument does not fit
    |- ContractError       a robot description is wrong
    |- ContractMismatch    two contracts that must agree do not
    |- ObservationError    a camera or joint stream is missing, misshapen or not finite
    |- CommandError        a command or an action chunk is refused
    |- InstructionError    an instruction is empty, too long or not text
    |- DatasetError        a dataset is missing, broken or of another kind
    |- CheckpointError     a policy folder is missing, broken or altered
    |- OutputError         an output folder holds something else
    `- RenderError         no headless renderer works on this machine

The message is one sentence: the thing, the value, what was expected, what to do.
"""


class SovereignError(Exception):
    """A fault that its message explains; commands print it and exit with `exit_status`."""

    exit_status = 2


class UsageError(SovereignError):
    """A flag or an argument does not fit."""


class ContractError(SovereignError):
    """A robot description is wrong; the message names the field."""


class ContractMismatch(SovereignError):
    """Two contracts that must agree do not; the message lists every difference."""


class ObservationError(SovereignError):
    """A camera or joint stream is missing, misshapen or not finite."""


class CommandError(SovereignError):
    """A command or an action chunk is refused."""


class InstructionError(SovereignError):
    """An instruction is empty, too long or not text."""


class DatasetError(SovereignError):
    """A dataset is missing, broken or of another kind."""


class CheckpointError(SovereignError):
    """A policy folder is missing, broken or altered."""


class OutputError(SovereignError):
    """An output folder holds something else."""


class RenderError(SovereignError):
    """No headless renderer works on this machine."""
