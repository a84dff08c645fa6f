"""Colour words and what they look like: linear red green blue in [0, 1], in the order in which levels bring them in."""

COLOURS: dict[str, tuple[float, float, float]] = {
    "red": (0.85, 0.13, 0.12),
    "green": (0.13, 0.62, 0.20),
    "blue": (0.12, 0.28, 0.85),
    "yellow": (0.95, 0.80, 0.10),
    "orange": (0.95, 0.45, 0.05),
    "purple": (0.50, 0.15, 0.65),
    "cyan": (0.15, 0.75, 0.80),
    "pink": (0.95, 0.55, 0.70),
}
