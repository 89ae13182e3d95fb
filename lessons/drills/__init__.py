"""Questions that come back after 1, 3, 7 and 14 days, made from what a learner got wrong."""
