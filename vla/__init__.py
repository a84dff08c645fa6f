"""Policies: datasets, tokens, the policy itself, one training loop, acting and scoring."""

from vla.actor import PolicyActor as PolicyActor
from vla.augmentation import Augmentation as Augmentation
from vla.checkpoint import load_policy as load_policy
from vla.checkpoint import save_policy as save_policy
from vla.compute import inference_flops as inference_flops
from vla.compute import training_flops as training_flops
from vla.config import PolicyConfig as PolicyConfig
from vla.config import sizes as sizes
from vla.datasets import Frames as Frames
from vla.datasets import load as load
from vla.demonstrations import Yield as Yield
from vla.demonstrations import generate as generate
from vla.learner import Learner as Learner
from vla.normalisation import Normalisation as Normalisation
from vla.policy import OBJECTIVES as OBJECTIVES
from vla.policy import Policy as Policy
from vla.policy import new_policy as new_policy
from vla.rate import LearningRate as LearningRate
from vla.scoring import held_out_losses as held_out_losses
from vla.scoring import score as score
from vla.tokens import Vocabulary as Vocabulary
from vla.training import StageReport as StageReport
from vla.training import train as train
