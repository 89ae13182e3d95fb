"""The data files: complete, without two meanings for one form, and under one digest."""

import re
from collections import defaultdict

import pytest

from lessons.interview.reading import digest, tables
from lessons.interview.reading.forms import forms
from lessons.interview.reading.tables import NAMES, table

CONCEPTS = {name: entry for name, entry in table("concepts").items() if name != "version"}


def test_there_are_about_sixty_concepts_with_eight_to_fifty_forms():
    assert 55 <= len(CONCEPTS) <= 70
    assert [name for name, entry in CONCEPTS.items() if not 8 <= len(entry["forms"]) <= 50] == []
    kinds = {"mechanism", "people", "thing", "measure", "state", "event"}
    assert {entry["kind"] for entry in CONCEPTS.values()} <= kinds
    assert all(entry["says"] for entry in CONCEPTS.values())


def test_a_form_has_one_meaning():
    meanings = defaultdict(set)
    for form in forms():
        if form.kind == "concept":
            meanings[form.parts].add((form.name, form.opposite))
    assert [those for those in meanings.values() if len(those) > 1] == []


def test_patterns_and_cues_name_concepts_that_exist():
    known = {*CONCEPTS, "", "@used", "@alternative"}
    for part in table("patterns")["part"]:
        for shape in part["shape"]:
            for key in ("subject", "object", "near", "far"):
                assert set(shape.get(key, ())) <= known
    relations = table("relations")
    assert {name for kind in ("cut", "inner") for cue in relations[kind] for name in cue.get("needs", ())} <= known
    for group in ("strategies", "alternatives"):
        assert {name for those in table("patterns")[group].values() for name in those} <= known


def test_every_table_has_a_version():
    assert all(table(name)["version"] >= 1 for name in NAMES)


def test_the_digest_is_of_every_byte(tmp_path, monkeypatch):
    assert re.fullmatch("[0-9a-f]{64}", digest())
    before = digest()
    assert {file.stem for file in tables._FOLDER.iterdir()} == set(NAMES)
    for changed in NAMES:
        for name in NAMES:
            content = (tables._FOLDER / f"{name}.toml").read_bytes()
            (tmp_path / f"{name}.toml").write_bytes(content + (b"\n" if name == changed else b""))
        with monkeypatch.context() as patched:
            patched.setattr(tables, "_FOLDER", tmp_path)
            assert digest.__wrapped__() != before


@pytest.mark.parametrize("name", ["spell", "grammar", "vocabulary_score", "readability"])
def test_no_score_of_language_exists(name):
    from dataclasses import fields

    from lessons.interview.reading import Claim, Credit, Reading

    assert not any(name in field.name for one in (Claim, Credit, Reading) for field in fields(one))
