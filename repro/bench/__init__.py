"""What training, evaluation and preparation cost here beside Keras as it is installed: the command `repro bench`.

Contestants do the same work in turns, each in a process of its own that was started and warmed up before.

`contestants` says who they are, `worker` is what runs in their processes, and `suite`, `stock`, `in_torch`,
`preparation`, `sweeps` and `full_size` are the work; `processes` starts and ends them, `sections` gives them their
turns, `measure` goes from section to section, `found` is what is kept, `tables` shows that.
"""

from typing import Literal, get_args

Section = Literal["training", "evaluation", "data", "sweep"]
SECTIONS: tuple[Section, ...] = get_args(Section)
