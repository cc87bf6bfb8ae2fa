"""Text that people wrote, shown letter by letter."""

import re

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$:])")


def plain(text: str) -> str:
    """The text with everything escaped that Markdown would read as a sign of its own."""
    return _MARKS.sub(r"\\\1", text)
