"""Reports: some runs, or a comparison, as a page, a table or a picture that needs nothing else to be read."""

from engine.experiments.report.files import FORMATS, report_bytes, write_report
from engine.experiments.report.page import report_html
from engine.experiments.report.study import Told, told_by
from engine.experiments.report.subject import Subject, subject_of_comparison, subject_of_runs, subject_of_study

__all__ = [
    "FORMATS",
    "Subject",
    "Told",
    "report_bytes",
    "report_html",
    "subject_of_comparison",
    "subject_of_runs",
    "subject_of_study",
    "told_by",
    "write_report",
]
