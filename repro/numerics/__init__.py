"""What makes Keras 3 compute what the walkthroughs' stacks computed, by name.

| numerics | embedding gradient | RMSprop's epsilon | LSTM gates | LSTM dropout masks | stands for |
|---|---|---|---|---|---|
| `source` | summed | outside the root | the chapter's | the chapter's | the stack of the source; the default |
| `keras2` | summed | inside the root | sigmoid | one for each gate | R keras 2.11 to 2.15 |
| `stock` | as installed | as installed | sigmoid | as installed | whatever the installed Keras does |

The modules here: `optimizers` for the first two, `activations` for the gates, `cell` for the masks. A chapter's models
take as arguments what was a default of an LSTM in its source's software, and so spell it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    import keras

Numerics = Literal["source", "keras2", "stock"]
NUMERICS: tuple[Numerics, ...] = get_args(Numerics)

Gates = str | Callable[[Any], Any]
"""An LSTM's `recurrent_activation`: the name of a Keras activation or a function of a tensor."""

Defaults = Mapping[str, Any]
"""Arguments of a chapter's models: `gates` (`Gates`) and, where there is dropout in an LSTM, `mask_per_gate` (bool)."""

_OTHERS: dict[Numerics, Defaults] = {
    "keras2": {"gates": "sigmoid", "mask_per_gate": True},  # as long as there is recurrent dropout, and there is
    "stock": {"gates": "sigmoid", "mask_per_gate": False},
}


def defaults(numerics: Numerics, source: Defaults) -> Defaults:
    """The arguments of the models under `numerics`, for a chapter whose source's stack had the defaults `source`."""
    return source if numerics == "source" else {name: _OTHERS[numerics][name] for name in source}


def without_ours(arguments: Defaults) -> Defaults:
    """The arguments of the models for the same network of Keras' own parts alone.

    An LSTM with a mask for each gate becomes Keras', which is the same where there is no dropout: outside of training.
    Starts Keras.
    """
    from repro.numerics.activations import hard_sigmoid, hard_sigmoid_layer

    of_keras: dict[str, Any] = {"mask_per_gate": False}
    if arguments["gates"] is hard_sigmoid:
        of_keras["gates"] = hard_sigmoid_layer()
    return {name: of_keras.get(name, value) for name, value in arguments.items()}


def lstm(units: int, *, mask_per_gate: bool, **options: Any) -> keras.layers.LSTM:
    """`keras.layers.LSTM(units, **options)`, with a dropout mask for each gate or as many as it draws by itself."""
    from repro.backend import keras
    from repro.numerics.cell import MaskPerGateLSTM

    return (MaskPerGateLSTM if mask_per_gate else keras.layers.LSTM)(units, **options)


def optimizer(identifier: str | keras.optimizers.Optimizer, numerics: Numerics) -> keras.optimizers.Optimizer:
    """The optimizer that Keras knows as `identifier`, computing as `numerics` says. Starts Keras."""
    from repro.backend import keras
    from repro.numerics.keras2_optimizers import keras2_rmsprop, summed

    plain = keras.optimizers.get(identifier)
    if numerics == "stock":
        return plain
    return summed(keras2_rmsprop(plain) if numerics == "source" else plain)
