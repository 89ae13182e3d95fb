"""What a page hands to its live element."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def data_of(page: AppTest) -> dict[str, Any]:
    """The data of the one live element of a page that drew without an error."""
    assert not page.exception
    (element,) = page.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json)
    return data
