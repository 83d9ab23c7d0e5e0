"""What makes Keras 3 compute what the walkthroughs' stacks computed, by name.

| numerics | embedding gradient | RMSprop's epsilon | LSTM gates | stands for |
|---|---|---|---|---|
| `source` | summed | outside the root | the chapter's | the stack of the chapter's source; the default |
| `keras2` | summed | inside the root | sigmoid | R keras 2.11 to 2.15 |
| `stock` | as installed | as installed | sigmoid | whatever the installed Keras does |

A fourth difference, a dropout mask for each gate (Keras up to 2.2.5), concerns `rotten_tomatoes` and is not made yet.

A chapter's models spell out the gates of their source's stack; `gates` gives what the other numerics put there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import keras

Numerics = Literal["source", "keras2", "stock"]
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)

Gates = str | Callable[[Any], Any]
"""An LSTM's `recurrent_activation`: the name of a Keras activation or a function of a tensor."""


def gates(numerics: Numerics, source: Gates) -> Gates:
    """The recurrent activation under `numerics`, for a chapter whose source's stack used `source`."""
    return source if numerics == "source" else "sigmoid"


def optimizer(identifier: str | keras.optimizers.Optimizer, numerics: Numerics) -> keras.optimizers.Optimizer:
    """The optimizer that Keras knows as `identifier`, computing as `numerics` says. Starts Keras."""
    from repro.backend import keras
    from repro.numerics.optimizers import keras2_rmsprop, summed

    plain = keras.optimizers.get(identifier)
    if numerics == "stock":
        return plain
    return summed(keras2_rmsprop(plain) if numerics == "source" else plain)
