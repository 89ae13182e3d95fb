"""Text that says what it says, where Streamlit would read Markdown and formulas in it."""

_MEANS_SOMETHING = frozenset("\\`*_{}[]<>$#|~:")


def plain(text: str) -> str:
    """The text, with each character that Markdown has a use for marked as a mere character."""
    return "".join(f"\\{char}" if char in _MEANS_SOMETHING else char for char in text)
