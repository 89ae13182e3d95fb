"""Compare: several fan-outs on the same recorded load, with error bars."""

from pages.parts.compare_view import comparing

comparing()
