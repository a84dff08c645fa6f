"""The words of noun phrases, and by how much a thing must stand out before it is told apart by size or by place.

Sides are those of the front camera's picture, which looks at the robot from beyond the table: left is -y, right +y,
in front +x (towards the camera) and behind -x (towards the robot). Near and far are meant from the robot's base, which
stands at x = y = 0. What has been said of a thing holds where it stands when the episode begins.
"""

import re

from envs.colours import COLOURS
from envs.shapes import SHAPES

BLOCK, PAD = "block", "pad"
LARGE, SMALL = ("large", "largest"), ("small", "smallest")
LEFT, RIGHT, BEHIND, BEFORE = RELATIONS = ("left of", "right of", "behind", "in front of")
NEAREST, FARTHEST, LEFTMOST, RIGHTMOST = PLACES = ("nearest", "farthest", "leftmost", "rightmost")

ASIDE = 0.05  # [m] to the side of another thing, or beyond every rival, at least: then the picture shows it so as well
NEARER = 0.05  # [m] nearer to the robot, or farther away, than any rival, at least
LARGER = 1.15  # times as long, as wide and as tall as any rival, at least

_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


def noun_words() -> set[str]:
    """Every word that a noun phrase can hold."""
    phrases = ["the", *COLOURS, *SHAPES, BLOCK, PAD, *LARGE, *SMALL, *RELATIONS, *PLACES]
    return {word for phrase in phrases for word in split_words(phrase)}
