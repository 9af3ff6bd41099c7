"""The few errors with a meaning; app.py maps each to an HTTP status, ops/cli.py to an exit code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with, or worth saying about, an upload."""

    message: str
    "What is wrong and what to do about it, as a sentence or two."
    file: str | None = None
    line: int | None = None
    "Counted from 1, in the file as the publisher sees it."

    def __str__(self) -> str:
        """`file:line: message`, the form that editors and compilers agree on."""
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class DiaobanError(Exception):
    """Anything that Diaoban itself says no to; its text is fit to show to the one who asked."""


class InvalidInputError(DiaobanError):
    """The upload or the request cannot be used as it is."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type["InvalidInputError"], tuple[Problem, ...]]:
        """Worker processes send their errors back whole."""
        return type(self), self.problems

    @classmethod
    def of(cls, message: str, file: str | None = None, line: int | None = None) -> "InvalidInputError":
        """The error with one problem."""
        return cls(Problem(message, file, line))


class TooLargeError(InvalidInputError):
    """The upload is over a limit that is checked before any work starts."""


class UnsupportedTypeError(InvalidInputError):
    """The upload's format is not one that can be read."""


class UnauthorizedError(DiaobanError):
    """No token, or one that is unknown, expired or revoked."""


class NotFoundError(DiaobanError):
    """There is no such thing, or the asker may not know of it."""


class ConflictError(DiaobanError):
    """The change contradicts what is stored."""


class PreconditionFailedError(DiaobanError):
    """The stored revision is not the one that the request was made for (RFC 9110 §13.1)."""


class UnavailableError(DiaobanError):
    """A service that the answer needs (the database) cannot be reached now."""


class SettingsError(DiaobanError):
    """A setting has a value that cannot be used."""
