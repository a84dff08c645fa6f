"""How large a policy is: the model axis, one dial of named sizes."""

from dataclasses import asdict, dataclass
from typing import Any

from envs.errors import UserError
from envs.registry import Registry
from envs.spaces import IMAGE_SIZE


@dataclass(frozen=True)
class PolicyConfig:
    """Widths and depths of a policy. `chunk` actions are predicted, `execute` of them carried out."""

    name: str
    image_size: int = IMAGE_SIZE  # [px]
    stem: tuple[int, int, int] = (32, 32, 32)  # channels of the three convolutions of a camera's stem
    keypoints: int = 32  # places that a stem points at
    descriptor: int = 8  # numbers read at each of them
    text_width: int = 64
    width: int = 128  # of a token in the trunk
    blocks: int = 2
    attention_heads: int = 4
    feedforward: int = 256
    head_width: int = 256
    chunk: int = 8
    execute: int = 4

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "PolicyConfig":
        odd = sorted(set(values) ^ set(cls.__dataclass_fields__))
        if odd:
            raise UserError(f"This policy was made by another version of Gradatim: its configuration differs in {odd}.")
        return cls(**{**values, "stem": tuple(values["stem"])})


sizes: Registry[PolicyConfig] = Registry("policy size")
sizes.add(PolicyConfig("tiny"))
