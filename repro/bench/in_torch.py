"""The chapters' models in PyTorch, as close as its `nn.LSTM` comes, in the usual loops. Does not start Keras."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from repro import registry
from repro.bench.amounts import predicted_rows, training_rows
from repro.bench.jobs import BATCH, SEED, Job, Seconds, Work, timed

if TYPE_CHECKING:
    from repro.chapter import Experiment
    from repro.layers import Layer

torch: Any = importlib.import_module("torch")  # not installed everywhere


class SpatialDropout(torch.nn.Module):  # type: ignore[misc]
    """Dropout with one mask for all steps of a row."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Any) -> Any:
        if not self.rate:
            return x
        return x * torch.nn.functional.dropout(torch.ones(len(x), 1, x.shape[2]), self.rate)


class TorchRecurrent(torch.nn.Module):  # type: ignore[misc]
    """An LSTM that gives all steps or the last state of each direction."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self.sequences, self.both_ways = layer.return_sequences, layer.directions == 2
        self.drop = SpatialDropout(layer.dropout)
        self.lstm = torch.nn.LSTM(layer.inputs, layer.units, batch_first=True, bidirectional=self.both_ways)

    def forward(self, x: Any) -> Any:
        steps, (last, _) = self.lstm(self.drop(x))
        if self.sequences:
            return steps
        return torch.cat(tuple(last), dim=1) if self.both_ways else steps[:, -1]


def network(experiment: Experiment) -> Any:
    """The experiment's model, without the function after its last layer: PyTorch's losses take logits."""
    return torch.nn.Sequential(*(module for layer in experiment.layers for module in _modules(layer)))


def _modules(layer: Layer) -> Iterator[Any]:
    match layer.kind:
        case "Embedding":
            yield torch.nn.Embedding(layer.inputs, layer.units)
        case "LSTM":
            yield TorchRecurrent(layer)
        case "Dropout":
            yield torch.nn.Dropout(layer.dropout)
        case "SpatialDropout1D":
            yield SpatialDropout(layer.dropout)
        case "Dense":
            yield torch.nn.Linear(layer.inputs, layer.units)
            if layer.activation == "relu":
                yield torch.nn.ReLU()


def optimizer(experiment: Experiment, parameters: Any) -> Any:
    """With Keras' settings."""
    if experiment.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=0.001, alpha=0.9, eps=1e-7)
    return torch.optim.Adam(parameters, lr=0.001, eps=1e-7)


def left_out(experiment: Experiment) -> Iterator[str]:
    """What the experiment's LSTM layers have and `nn.LSTM` does not offer."""
    layers = [layer for layer in experiment.layers if layer.recurrent]
    if any(layer.recurrent_dropout for layer in layers):
        yield "recurrent dropout"
    if any(layer.activation == "relu" for layer in layers):
        yield "ReLU in the LSTM layers, which have tanh"


def work(job: Job) -> Work:
    """Trains or predicts, on as many threads as PyTorch takes by itself, or as OMP_NUM_THREADS says."""
    chapter, experiment = registry.experiment(job.experiment)
    dataset = chapter.data(job.data)
    torch.manual_seed(SEED)
    model = network(experiment)
    update = optimizer(experiment, model.parameters())
    binary, size = experiment.loss == "binary_crossentropy", experiment.batch_size
    functional = torch.nn.functional
    loss_of = functional.binary_cross_entropy_with_logits if binary else functional.cross_entropy

    def fit(x: Any, y: Any) -> None:
        total = right = 0.0  # as loops report them
        for x_batch, y_batch in zip(x.split(size), y.split(size), strict=True):
            update.zero_grad()
            logits = model(x_batch)
            loss = loss_of(logits, y_batch)
            loss.backward()
            update.step()
            total += loss.item()
            answers = (logits > 0).float() if binary else logits.argmax(1)
            right += (answers == y_batch).float().mean().item()

    def train(batches: int) -> Seconds:
        rows = training_rows(experiment, dataset, batches)
        x = torch.from_numpy(dataset.x_train[rows])
        y = torch.from_numpy(dataset.y_train[rows].astype(np.float32 if binary else np.int64))
        return timed(lambda: fit(x, y[:, None] if binary and y.ndim == 1 else y))

    def predict(times: int) -> Seconds:
        with torch.no_grad():
            return timed(lambda: [answer(model(part)) for _ in range(times) for part in x_test.split(BATCH)])

    model.train(job.kind == "train")
    answer = torch.sigmoid if binary else partial(torch.softmax, dim=1)
    x_test = torch.from_numpy(dataset.x_test[predicted_rows(experiment, dataset)])
    measure = train if job.kind == "train" else predict
    for _ in range(2):
        measure(1)
    without = ", ".join(left_out(experiment))
    return Work(measure, {"note": f"PyTorch's {job.experiment} is without {without}"} if without else {})
