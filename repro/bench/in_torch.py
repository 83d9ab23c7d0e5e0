"""The chapters' models in PyTorch, as close as its `nn.LSTM` comes, trained in the usual loop. Does not start Keras."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from repro import registry
from repro.bench.messages import Job, Seconds, timed
from repro.bench.rows import SEED, training_rows

if TYPE_CHECKING:
    from repro.chapter import Experiment
    from repro.layers import Layer

torch: Any = importlib.import_module("torch")  # not everywhere installed

WARM_UP = 1
"""Batches, twice."""

Step = Callable[[Any], Any]
"""What one layer makes of a tensor."""


class InTorch:
    """Trains with as many threads as PyTorch takes by itself."""

    facts: dict[str, str | float]

    def __init__(self, job: Job) -> None:
        chapter, self._experiment = registry.experiment(job.experiment)
        self._dataset = chapter.data(job.data)
        torch.manual_seed(SEED)
        self._modules = torch.nn.ModuleList()
        self._steps = [self._step(layer) for layer in self._experiment.layers]
        self._optimizer = optimizer(self._experiment, self._modules.parameters())
        self._binary = self._experiment.loss == "binary_crossentropy"
        self.facts = {"left out": ", ".join(left_out(self._experiment))}

    @property
    def parameters(self) -> int:
        """Those of the chapter's model, and a second bias in each LSTM."""
        return sum(each.numel() for each in self._modules.parameters())

    def warm_up(self) -> None:
        for _ in range(2):
            self.measure(WARM_UP)

    def measure(self, amount: int) -> Seconds:
        """Train so many batches."""
        size = self._experiment.batch_size
        rows = training_rows(self._experiment, self._dataset, amount)
        x = torch.from_numpy(self._dataset.x_train[rows])
        y = torch.from_numpy(self._dataset.y_train[rows].astype(np.float32 if self._binary else np.int64))
        if self._binary and y.ndim == 1:
            y = y[:, None]
        return timed(lambda: self._fit(zip(x.split(size), y.split(size), strict=True)))

    def _fit(self, batches: Iterator[tuple[Any, Any]]) -> None:
        functional = torch.nn.functional
        loss_of = functional.binary_cross_entropy_with_logits if self._binary else functional.cross_entropy
        total = right = 0.0  # as loops report them
        for x, y in batches:
            self._optimizer.zero_grad()
            logits = x
            for step in self._steps:
                logits = step(logits)
            loss = loss_of(logits, y)
            loss.backward()
            self._optimizer.step()
            total += loss.item()
            said = (logits > 0).float() if self._binary else logits.argmax(1)
            right += (said == y).float().mean().item()

    def _step(self, layer: Layer) -> Step:
        nn = torch.nn
        match layer.kind:
            case "Embedding":
                return self._kept(nn.Embedding(layer.inputs, layer.units))
            case "LSTM":
                both = layer.directions == 2
                lstm = self._kept(nn.LSTM(layer.inputs, layer.units, batch_first=True, bidirectional=both))
                drop = self._of_a_row(layer.dropout)
                if layer.return_sequences:
                    return lambda x: lstm(drop(x))[0]
                if both:
                    return lambda x: torch.cat(tuple(lstm(drop(x))[1][0]), dim=1)  # the last state of each direction
                return lambda x: lstm(drop(x))[0][:, -1]
            case "Dropout":
                return self._kept(nn.Dropout(layer.dropout))
            case "SpatialDropout1D":
                return self._of_a_row(layer.dropout)
        linear = self._kept(nn.Linear(layer.inputs, layer.units))
        if layer.activation == "relu":
            return lambda x: torch.relu(linear(x))
        return linear  # the losses take logits

    def _kept(self, module: Step) -> Step:
        self._modules.append(module)
        return module

    def _of_a_row(self, rate: float) -> Step:
        """Dropout with one mask for all steps of a row."""
        if not rate:
            return lambda x: x
        return lambda x: x * torch.nn.functional.dropout(torch.ones(len(x), 1, x.shape[2]), rate)


def optimizer(experiment: Experiment, parameters: Any) -> Any:
    """With Keras' settings."""
    if experiment.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
    return torch.optim.Adam(parameters, lr=0.001, eps=1e-7)


def left_out(experiment: Experiment) -> Iterator[str]:
    """What the experiment's layers have and `nn.LSTM` has not."""
    layers = [layer for layer in experiment.layers if layer.recurrent]
    if any(layer.recurrent_dropout for layer in layers):
        yield "recurrent dropout"
    if any(layer.activation == "relu" for layer in layers):
        yield "ReLU in the LSTM layers, which have tanh"
