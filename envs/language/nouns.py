"""What a thing is called by its colour and what it is, and by what those leave it among."""

from envs.language.lexicon import BLOCK, PAD
from envs.layouts import FLAT, Layout
from envs.scene import Handle


def plain_noun(layout: Layout, thing: Handle, shape_told: bool = False) -> str:
    """Colour and category; in place of that the shape, where another block has the colour or `shape_told` asks it.

    No two blocks share both colour and shape and no two pads a colour, so that this fits one thing only.
    """
    colour, shape = layout.colours[thing], layout.shapes[thing]
    if shape == FLAT:
        return f"the {colour} {PAD}"
    twins = any(layout.colours[rival] == colour for rival in rivals(layout, thing))
    return f"the {colour} {shape if twins or shape_told else BLOCK}"


def rivals(layout: Layout, thing: Handle) -> list[Handle]:
    """The other things on the table that go by the same category: pads are pads, all else are blocks."""
    flat = layout.shapes[thing] == FLAT
    return [h for h in present(layout) if h != thing and (layout.shapes[h] == FLAT) == flat]


def present(layout: Layout) -> list[Handle]:
    return [handle for handle in range(len(layout.objects)) if layout.present[handle]]
