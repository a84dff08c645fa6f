"""The tiers that come with Gradatim, one file each. Importing this registers them all."""

from envs.suite import pick as pick
from envs.suite import pick_place as pick_place
from envs.suite import push as push
from envs.suite import reach as reach
from envs.suite import restack as restack
from envs.suite import sort_two as sort_two
from envs.suite import stack_three as stack_three
from envs.suite import stack_two as stack_two
