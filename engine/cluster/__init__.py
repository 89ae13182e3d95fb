"""Past one process: a journal, a Redis server, and as many workers as one likes.

Read relay.py first (journal -> jobs), then worker.py (jobs -> lists). docs/architecture.md, "Past one process", says
what is promised.
"""
