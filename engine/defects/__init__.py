"""Planted defects, for people who learn to find them: each is one function that changes one world and nothing else.

    world = World(config, population)
    plant(world, "never_trims")

The engine does not know this package (a test holds that). Each defect is caught by an ordinary test when it is planted
(tests/defects/test_caught.py).
"""

from engine.defects.catalogue import DEFECTS, Defect, find_defect, plant

__all__ = ["DEFECTS", "Defect", "find_defect", "plant"]
