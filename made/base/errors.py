"""The one error that people see."""


class MadeError(ValueError):
    """Something a person can mend: one sentence that names the thing, the problem and the mend."""
