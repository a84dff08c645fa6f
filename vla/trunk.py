"""Transformer blocks: pre-layer-norm, no dropout, so that one whose two output matrices are zero is the identity."""

from torch import Tensor, nn
from torch.nn import functional

MASKED = -1e4  # added to the logits of words that are not there


class Block(nn.Module):
    """Attention and a feed-forward layer, each added to the stream of tokens."""

    def __init__(self, width: int, attention_heads: int, feedforward: int) -> None:
        super().__init__()
        self.attention_heads = attention_heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries = nn.Linear(width, width)
        self.keys_values = nn.Linear(width, 2 * width)
        self.attention_out = nn.Linear(width, width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.feedforward_in = nn.Linear(width, feedforward)
        self.feedforward_out = nn.Linear(feedforward, width)

    def forward(self, tokens: Tensor, bias: Tensor | None = None, wanted: int | None = None) -> Tensor:
        """`tokens` (B, T, width); `bias` (B, 1, 1, T) is added to the attention logits. Returns the first
        `wanted` tokens only, if that is given: what nobody reads is not computed.

        Attention is spelt out: for a handful of tokens it is as fast as a fused kernel, and every multiplication is
        seen by the FLOPs counter, to which fused kernels on CPU are invisible.
        """
        B, T, _ = tokens.shape
        normed = self.attention_norm(tokens)
        tokens = tokens[:, :wanted]
        query = self.queries(normed[:, :wanted]).unflatten(2, (self.attention_heads, -1)).transpose(1, 2)
        key, value = self.keys_values(normed).view(B, T, 2, self.attention_heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        logits = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        if bias is not None:
            logits = logits + bias
        mixed = (logits.softmax(-1).to(value.dtype) @ value).transpose(1, 2).flatten(2)
        tokens = tokens + self.attention_out(mixed)
        inner = functional.gelu(self.feedforward_in(self.feedforward_norm(tokens)), approximate="tanh")
        return tokens + self.feedforward_out(inner)


class Trunk(nn.Module):
    def __init__(self, width: int, blocks: int, attention_heads: int, feedforward: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, attention_heads, feedforward) for _ in range(blocks))
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """The first token (B, width) after all blocks: the read-out."""
        *first, last = self.blocks
        for block in first:
            tokens = block(tokens)
        return self.norm(last(tokens, wanted=1)[:, 0])
