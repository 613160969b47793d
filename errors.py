"""What can go wrong at a door, each with its exit code and a sentence: what happened, why, what to type next."""


class JisrError(Exception):
    """Something a person can act on; `exit_code` is the contract."""

    exit_code = 1


class InvalidInput(JisrError):
    """What was given is not well-formed; nothing was sent and nothing has changed."""

    exit_code = 2

    def __init__(self, why: str, rule: str = "report.invalid") -> None:
        super().__init__(why)
        self.rule = rule


class Unavailable(JisrError):
    """A service is not reachable."""

    exit_code = 3


class NotFound(JisrError):
    exit_code = 4


class RefusedByRule(JisrError):
    """What was asked is well-formed and not allowed now."""

    exit_code = 5


class DoesNotVerify(JisrError):
    exit_code = 6


class Forbidden(JisrError):
    exit_code = 7
