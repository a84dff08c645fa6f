"""Instructions: a tier's phrases, and what the things in their slots are called.

A tier owns its templates; each slot is rendered here as a whole noun phrase for a thing in the scene, so a tier says
nothing about colours, shapes or places. `resolving` reads noun phrases back and checks them.
"""

from envs.language.lexicon import noun_words as noun_words
from envs.language.lexicon import split_words as split_words
from envs.language.phrases import Instruction as Instruction
from envs.language.phrases import Phrases as Phrases
from envs.language.phrases import Sentence as Sentence
from envs.language.resolving import resolve as resolve
from envs.language.resolving import unclear as unclear
from envs.language.telling import tell as tell
