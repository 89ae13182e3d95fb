"""The one sentence on top of the live page: which of the rules is shown, without flicker.

Each rule has inertia of its own: it is on once it has held for 1 virtual second, and off once it has not for 2. The
first rule that is on is shown, for at least 2 wall seconds, with the numbers of the moment. What a person has just done
(a pause, an event, a fault) is said at once, and so is bad news that makes the sentence shown untrue. A line that grows
has grown for a while when it is spoken of, and needs no other inertia: else "healthy" would stand between event and
news.
"""

from engine.observe.rules import RULES, Rule, Status, Verdict, judge
from engine.observe.smoothing import Latch
from engine.observe.vitals import Injection, Vitals

__all__ = ["Injection", "Status", "Verdict", "VerdictMachine", "Vitals", "judge"]

ON_AFTER_S = 1.0
OFF_AFTER_S = 2.0
SHOWN_WALL_S = 2.0
_AT_ONCE = {1, 2, 4}
"""Paused, just injected, and down: they are answers to a click."""
_GROWING = 11


class VerdictMachine:
    """Turns moments into a calm sequence of verdicts. One for each watched world; a reset world gets a new one."""

    def __init__(self) -> None:
        self._latches = {
            rule.number: Latch(0, 0)
            if rule.number in _AT_ONCE
            else Latch(0 if rule.number == _GROWING else ON_AFTER_S, OFF_AFTER_S)
            for rule in RULES
        }
        self._shown: Verdict | None = None
        self._shown_since_s = 0.0

    def update(self, vitals: Vitals, wall_s: float) -> Verdict:
        """The verdict to show now. `wall_s`: seconds of any monotonic wall clock; never earlier than before."""
        chosen = self._bad_news(vitals) or self._choose(vitals)
        if self._shown is None or (chosen.number != self._shown.rule and self._may_change(chosen, vitals, wall_s)):
            self._shown, self._shown_since_s = chosen.verdict(vitals), wall_s
        else:
            shown = RULES[self._shown.rule - 1]
            # a sentence that has just ceased to be true keeps its last true numbers until its time is over
            if shown.holds(vitals):
                self._shown = shown.verdict(vitals)
        return self._shown

    def _bad_news(self, vitals: Vitals) -> Rule | None:
        """The rule that must be shown now because what is shown has ceased to be true, and things are bad."""
        if self._shown is None or self._shown.status == "bad" or RULES[self._shown.rule - 1].holds(vitals):
            return None
        first = next(rule for rule in RULES if rule.holds(vitals))
        return first if first.verdict(vitals).status == "bad" else None

    def _choose(self, vitals: Vitals) -> Rule:
        shown = self._shown.rule if self._shown else 0
        on, true_now = [], []
        for rule in RULES:
            holds = rule.holds(vitals)
            latched = self._latches[rule.number].update(vitals.t_s, holds)
            if holds:
                true_now.append(rule)
            if latched and (holds or rule.number == shown):
                on.append(rule)
        # the last rule always holds: where it alone is on, what is true right now is better than "starting"
        return on[0] if on and on[0] is not RULES[-1] else true_now[0]

    def _may_change(self, chosen: Rule, vitals: Vitals, wall_s: float) -> bool:
        assert self._shown is not None
        at_once = chosen.number in _AT_ONCE or self._shown.rule == 1 or chosen is self._bad_news(vitals)
        return at_once or wall_s - self._shown_since_s >= SHOWN_WALL_S
