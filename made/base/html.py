"""HTML and SVG as text, in which whatever people wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is markup already, and is put in as it is; any other text is escaped."""

    __slots__ = ()


EMPTY = frozenset({"img", "meta", "circle", "image", "line", "path", "polyline", "rect", "br"})


def tag(name: str, /, *content: str, **attributes: object) -> Markup:
    """An element. Attributes that are None are left out; an underscore stands for a hyphen.

    >>> tag("p", "a < b", tag("b", "c"), class_="x", data_of=1)
    '<p class="x" data-of="1">a &lt; b<b>c</b></p>'
    >>> tag("img", alt='"', src=None)
    '<img alt="&quot;"/>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in EMPTY:
        return Markup(f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(content)}</{name}>")


def joined(content: Iterable[str]) -> Markup:
    """Pieces one after another; those that are no markup are escaped."""
    return Markup(
        "".join(piece if isinstance(piece, Markup) else escape(piece) for piece in content)
    )
