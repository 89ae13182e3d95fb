"""What people ask of a world, and what the system did for it: every request leaves a trace that fills in as it goes.

Read in this order: book (a request, carried out and remembered), writes and reads (its hops), stored (what stands under
the keys it touched).
"""

from engine.requests.book import ACTS, PAGES, Acted, Ask, Paged, Requests

__all__ = ["ACTS", "PAGES", "Acted", "Ask", "Paged", "Requests"]
