"""What a page says, and what it hands to its live element."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def data_of(page: AppTest) -> dict[str, Any]:
    """The data of the one live element of a page that drew without an error."""
    assert not page.exception
    (element,) = page.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json)
    return data


def shown(page: AppTest) -> AppTest:
    """A page that drew without an error, and shows none."""
    assert not page.exception
    assert "Traceback" not in words(page)
    return page


def words(page: AppTest) -> str:
    """All that is said on it."""
    kinds = (page.title, page.header, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error)
    return "\n".join(str(each.value) for kind in kinds for each in kind)
