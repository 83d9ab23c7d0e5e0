"""What makes Keras 3 compute what the walkthroughs' stacks computed, by name.

| numerics | embedding gradient | RMSprop's epsilon | LSTM gates | LSTM dropout masks | stands for |
|---|---|---|---|---|---|
| `source` | summed | outside the root | the chapter's | the chapter's | the stack of the source; the default |
| `keras2` | summed | inside the root | sigmoid | one per gate | R keras 2.11 to 2.15 |
| `stock` | as installed | as installed | sigmoid | as installed | whatever the installed Keras does |

The first two columns are in `keras2_optimizers`, the gates in `activations`, the masks in `cell`. What was a default of
an LSTM in a source's software is an argument of its chapter's models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import keras

Numerics = Literal["source", "keras2", "stock"]
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)

SOFTWARE: dict[Numerics, str] = {
    "source": "the source's software",
    "keras2": "Keras 2.11 to 2.15",
    "stock": "today's Keras 3",
}
"""Whose numerics they are, in words. The R packages have the numbers of their Keras; `keras3` is on Keras 3."""

Gates = str | Callable[[Any], Any]
"""An LSTM's `recurrent_activation`: the name of a Keras activation or a function of a tensor."""

Defaults = Mapping[str, Any]
"""Arguments of a chapter's models: `gates` (`Gates`) and, where there is dropout in an LSTM, `mask_per_gate` (bool)."""

_OTHERS: dict[Numerics, Defaults] = {
    "keras2": {"gates": "sigmoid", "mask_per_gate": True},  # true with recurrent dropout, which all these models have
    "stock": {"gates": "sigmoid", "mask_per_gate": False},
}


def defaults(numerics: Numerics, source: Defaults) -> Defaults:
    """The arguments of a chapter's models in these numerics; source: those of the stack of the chapter's source."""
    return source if numerics == "source" else {name: _OTHERS[numerics][name] for name in source}


def portable(arguments: Defaults) -> Defaults:
    """The arguments of the models for the same network made of Keras' own parts alone.

    An LSTM with a mask per gate becomes Keras' LSTM, which predicts the same: dropout is for training. Starts Keras.
    """
    from repro.numerics.activations import hard_sigmoid, hard_sigmoid_layer

    replaced: dict[str, Any] = {"mask_per_gate": False}
    if arguments["gates"] is hard_sigmoid:
        replaced["gates"] = hard_sigmoid_layer()
    return {name: replaced.get(name, value) for name, value in arguments.items()}


def lstm(units: int, *, mask_per_gate: bool, **options: Any) -> keras.layers.LSTM:
    """`keras.layers.LSTM(units, **options)`, with a dropout mask per gate, or with as many masks as Keras draws."""
    from repro.backend import keras
    from repro.numerics.cell import MaskPerGateLSTM

    return (MaskPerGateLSTM if mask_per_gate else keras.layers.LSTM)(units, **options)


def optimizer(identifier: str | keras.optimizers.Optimizer, numerics: Numerics) -> keras.optimizers.Optimizer:
    """The optimizer that Keras knows as `identifier`, in these numerics. Starts Keras."""
    from repro.backend import keras
    from repro.numerics.keras2_optimizers import keras2_rmsprop, summed

    plain = keras.optimizers.get(identifier)
    if numerics == "stock":
        return plain
    return summed(keras2_rmsprop(plain) if numerics == "source" else plain)
