# SPDX-License-Identifier: MIT
"""The exceptions of the lab; cli.main turns each into a message and an exit status."""


class LabError(Exception):
    """Something went wrong that a person should read about, without a Python traceback.

    `details` are longer lines (the end of a log, a command's output) shown below the message.
    """

    def __init__(self, message, details=""):
        super().__init__(message)
        self.details = details.rstrip()


class Failed(LabError):
    """What a scenario expected is not so."""


class Broken(LabError):
    """The connection to a node ended before the command that ran over it."""


class Skipped(Exception):
    """A scenario cannot run here, for a reason that is no fault of what it tests."""


class Interrupted(BaseException):
    """A signal asked the program to end; not an Exception, so that no handler takes it for a fault."""

    def __init__(self, signum):
        super().__init__(f"signal {signum}")
        self.signum = signum
