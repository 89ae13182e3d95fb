"""Load posts have text only when somebody looks."""

from engine.load.arrivals import Stream, content_keys
from engine.load.text import load_text

KEYS = [int(key) for key in content_keys(Stream.POSTS, 12, 2_000)]


def test_text_is_short_plain_and_a_sentence():
    for key in KEYS:
        text = load_text(7, key)
        assert 20 <= len(text) <= 120
        assert text.isascii()
        assert text == text.strip()
        assert text[0].isupper()
        assert text[-1] in ".!?"


def test_text_depends_on_seed_and_key_only():
    assert [load_text(7, key) for key in KEYS] == [load_text(7, key) for key in KEYS]
    assert sum(load_text(7, key) != load_text(8, key) for key in KEYS) > 1_900


def test_texts_vary():
    assert len({load_text(7, key) for key in KEYS}) > 1_800
