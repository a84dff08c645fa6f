"""The tiers that come with Gradatim, one file each. Importing this registers them all."""

from envs.suite import pick_place as pick_place
from envs.suite import reach as reach
from envs.suite import stack_three as stack_three
from envs.suite import stack_two as stack_two
