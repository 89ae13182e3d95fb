"""All claims checked, in their order."""

from collections.abc import Callable, Mapping

from engine.experiments.claims import capacity, classroom, reads, trouble, writes
from engine.experiments.claims.claim import Check, Claim, Finding
from engine.experiments.claims.declared import DECLARED
from engine.experiments.claims.scenes import Runs

CHECKS: Mapping[str, Check] = {
    "C01": reads.c01,
    "C02": reads.c02,
    "C03": classroom.c03,
    "C04": writes.c04,
    "C05": writes.c05,
    "C06": reads.c06,
    "C07": writes.c07,
    "C08": capacity.c08,
    "C09": classroom.c09,
    "C10": classroom.c10,
    "C11": capacity.c11,
    "C12": capacity.c12,
    "C13": classroom.c13,
    "C14": classroom.c14,
    "C15": capacity.c15,
    "C16": classroom.c16,
    "C18": writes.c18,
    "C19": writes.c19,
    "C20": classroom.c20,
    "C21": classroom.c21,
    "C22": classroom.c22,
    "C23": classroom.c23,
    "C24": writes.c24,
    "C25": trouble.c25,
    "C28": trouble.c28,
    "C29": classroom.c29,
    "C30": classroom.c30,
}
"""Who finds out about which claim; the others wait for a part that this engine does not have yet."""


def check_claims(progress: Callable[[str], None] = lambda _: None) -> list[Claim]:
    """Compute and measure all claims, telling `progress` what is being worked on; the same at every call."""
    runs = Runs(progress)
    checked = []
    for declared in DECLARED:
        progress(f"{declared.id} {declared.says}")
        check = CHECKS.get(declared.id)
        checked.append(Claim(declared, check(runs) if check else Finding()))
    return checked
