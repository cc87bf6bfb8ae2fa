"""Text that people wrote, shown letter by letter."""

import re

# A sign without width or sound, which stands where something would be recognised too late to be
# escaped: Streamlit makes links, pictures and other signs of a text that is unescaped already.
JOINER = "\u2060"
_LATE = re.compile(
    r"(?<=:)(?=//)"  # the address of a page
    r"|(?<=www)(?=\.)"
    r"|(?<=[-.\w+])(?=@[-\w]+\.)"  # or of a person
    r"|(?<=:)(?=[\w+-][\w+/-]*:)"  # the name of a picture
    r"|(?<=[<>~-])(?=[=>-])",  # an arrow, a dash, a comparison
    re.IGNORECASE,
)
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$:&!])")
# A list, a rule or the underline of a heading, at the beginning of a line.
_LEADING = re.compile(r"^(\d+(?=[.)])|(?=[-+=]))")
# Letters that turn the direction of what follows them, and halves of letters, which cannot be sent.
_UNSENT = re.compile(r"[\x00\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Markdown of one line that shows the text as it is; its breaks are spaces.

    >>> print(plain("1. *a* <b>\\n$c$"))
    1\\. \\*a\\* \\<b\\> \\$c\\$
    """
    line = " ".join(_UNSENT.sub("\ufffd", text).split())
    return _LEADING.sub(r"\1\\", _MARKS.sub(r"\\\1", _LATE.sub(JOINER, line)))
