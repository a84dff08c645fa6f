"""The text encoder: words in context, averaged into one vector."""

import torch
from torch import Tensor, nn

from vla.tokens import MAX_WORDS, PADDING, UNKNOWN
from vla.trunk import MASKED, Block


class TextEncoder(nn.Module):
    def __init__(self, vocabulary: int, width: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        self.places = nn.Parameter(torch.zeros(MAX_WORDS, width))
        self.block = Block(width, attention_heads=2, feedforward=2 * width)
        self.norm = nn.LayerNorm(width)
        nn.init.normal_(self.places, std=0.5)
        nn.init.zeros_(self.words.weight[UNKNOWN])  # and stays so: no training text holds it

    def forward(self, words: Tensor) -> Tensor:
        """`words` (B, L) word numbers, padded behind; returns the sentence (B, width)."""
        present = words != PADDING
        bias = (~present).float()[:, None, None, :] * MASKED
        tokens = self.block(self.words(words) + self.places[: words.shape[1]], bias)
        weight = present.float()
        weight = weight / weight.sum(1, keepdim=True).clamp(min=1)
        return self.norm((tokens * weight[..., None]).sum(1))
