"""Elements share fragments of markup: each is put in where a file names it."""

from pathlib import Path

import pytest

from pages.parts import element

ELEMENTS = ["start", "lab", "playground", "twin", "projector"]


@pytest.mark.parametrize("part", ELEMENTS)
def test_every_fragment_is_in_its_place(part: str) -> None:
    markup, _, _ = element._sources(part)
    assert "<!--" not in markup
    assert markup.startswith(f'<section class="live {part}"')


def test_a_fragment_may_name_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "outer.html").write_text("<p><!-- live/inner.html --></p>\n")
    (tmp_path / "live" / "inner.html").write_text("<b></b>\n")
    (tmp_path / "page.html").write_text("<div><!-- live/outer.html --><!-- live/inner.html --></div>\n")
    monkeypatch.setattr(element, "HERE", tmp_path)
    assert element._markup("page.html") == "<div><p><b></b></p><b></b></div>\n"


def test_a_fragment_that_is_missing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text("<div><!-- live/nothing.html --></div>\n")
    monkeypatch.setattr(element, "HERE", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.html"):
        element._markup("page.html")
