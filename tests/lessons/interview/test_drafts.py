"""Half-written answers."""

from pathlib import Path

import pytest

from lessons.interview.drafts import DraftError, keep_draft, read_draft
from lessons.interview.transcript import Answer

ANSWER = Answer(queue_why=("post_does_not_wait",), drain_s=2.5)


def test_each_question_has_its_draft(tmp_path: Path) -> None:
    keep_draft(tmp_path, "P3_open_0", ANSWER, "ünï ☃\nline")
    keep_draft(tmp_path, "P6_open_1", Answer(), "other")
    assert read_draft(tmp_path, "P3_open_0") == (ANSWER, "ünï ☃\nline")
    assert read_draft(tmp_path, "P6_open_1") == (Answer(), "other")
    assert read_draft(tmp_path, "P1_open_0") == (Answer(), "")
    assert [path.name for path in tmp_path.iterdir()] == ["drafts.json"]


@pytest.mark.parametrize(
    "torn", ["", "{", "[]", '{"P3": 5}', '{"P3": {"answer": {"drain_s": -1}, "text": ""}}', "[" * 9999]
)
def test_what_cannot_be_read_is_no_draft_and_is_written_over(tmp_path: Path, torn: str) -> None:
    (tmp_path / "drafts.json").write_text(torn)
    assert read_draft(tmp_path, "P3") == (Answer(), "")
    keep_draft(tmp_path, "P3", ANSWER, "again")
    assert read_draft(tmp_path, "P3") == (ANSWER, "again")


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(DraftError, match="could not be kept"):
        keep_draft(tmp_path / "gone", "P3", ANSWER, "")
