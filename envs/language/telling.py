"""Putting a sentence into words for one episode."""

import numpy as np

from envs.episodes import Split
from envs.language.phrases import Instruction, Sentence
from envs.language.referring import draw_noun
from envs.layouts import Layout
from envs.levels import DataLevel


def tell(sentence: Sentence, layout: Layout, level: DataLevel, split: Split, rng: np.random.Generator) -> Instruction:
    """The template first, so that it is the same whatever the sentence is about; then each slot's noun phrase."""
    template = sentence.phrases.draw(split, level.paraphrases, rng)
    nouns = {slot: draw_noun(layout, thing, level, rng) for slot, thing in sentence.things.items()}
    return sentence.say(template, nouns)
