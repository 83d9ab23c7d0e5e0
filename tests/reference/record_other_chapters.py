"""Records the numbers in other_chapters/: the models of four chapters under the Keras of their sources, and Keras 2.15.

    python record_other_chapters.py OUT

Writes what the installed TensorFlow stands for; README.md says how to install each:

    TensorFlow 1.14    rotten_source                                    tf.keras of 2019, hard_sigmoid gates
    TensorFlow 2.4     imdb_rnn_source, jigsaw_source, stacked4_source  tf.keras of 2020 and 2021; and imdb_rnn
    TensorFlow 2.15    jigsaw, rotten, stacked4                         Keras 2.15

NAME.npz holds the inputs and initial weights, and with Keras 2.15 its results; NAME_source.npz holds the results of the
source's Keras from the same inputs and weights. The models are those of the chapters without their dropout: it would
draw other numbers in each version. Needs NumPy and TensorFlow alone, and Python 3.7 or later.
"""

import hashlib
import json
import os
import sys
from collections import namedtuple
from pathlib import Path

# One thread and no GPU, so that sums are taken in one order. TensorFlow reads this when it is imported.
os.environ.update(
    CUDA_VISIBLE_DEVICES="-1",
    TF_NUM_INTRAOP_THREADS="1",
    TF_NUM_INTEROP_THREADS="1",
    OMP_NUM_THREADS="1",
    TF_CPP_MIN_LOG_LEVEL="3",
)

import numpy as np
import tensorflow as tf

keras = tf.keras
layers = tf.keras.layers
BATCH = 64  # rows, the same in every step
STEPS = 20
SEED = 7
RULE = "RandomState(7): x, y, then per weight round(normal(0,.05)*1024)/1024 float32"

# %% Models: plain Keras calls, without dropout, with the defaults of whichever Keras is installed


def imdb_rnn():
    return [layers.Embedding(20000, 128), layers.LSTM(128), layers.Dense(1, activation="sigmoid")]


def jigsaw():
    return [layers.Embedding(20000, 128), layers.LSTM(128), layers.Dense(6, activation="sigmoid")]


def rotten():
    return [
        layers.Embedding(8192, 256),
        layers.LSTM(256),
        layers.Dense(256, activation="relu"),
        layers.Dense(5, activation="softmax"),
    ]


def stacked4():
    return [
        layers.Embedding(5000, 45),
        layers.LSTM(128, activation="relu", return_sequences=True),
        layers.LSTM(128, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(4, activation="softmax"),
    ]


# %% Labels: each takes the generator, after x was drawn from it


def yes_or_no(draws):
    return draws.randint(0, 2, (BATCH, 1)).astype("float32")


def six_labels(draws):
    return draws.randint(0, 2, (BATCH, 6)).astype("float32")


def one_of_five(draws):
    return np.eye(5, dtype="float32")[draws.randint(0, 5, BATCH)]


def one_of_four(draws):
    return draws.randint(0, 4, BATCH).astype("int32")


# %% Experiments
Experiment = namedtuple("Experiment", "model words length labels loss optimizer")
EXPERIMENTS = {
    "imdb_rnn": Experiment(imdb_rnn, 20000, 100, yes_or_no, "binary_crossentropy", "rmsprop"),
    "jigsaw": Experiment(jigsaw, 20000, 200, six_labels, "binary_crossentropy", "adam"),
    "rotten": Experiment(rotten, 8192, 48, one_of_five, "categorical_crossentropy", "adam"),
    "stacked4": Experiment(stacked4, 5000, 30, one_of_four, "sparse_categorical_crossentropy", "adam"),
}
SOURCES = {"1.14": ["rotten"], "2.4": ["imdb_rnn", "jigsaw", "stacked4"]}  # by TensorFlow
KERAS2 = {"2.15": ["jigsaw", "rotten", "stacked4"]}


def draw(experiment, shapes):
    """Inputs `(64, length) int32`, labels, the word ids that occur, initial weights: one generator, in this order.

    Low ids are common, as words are, and 0 is the commonest, as padding is. Weights are multiples of 1/1024: exact in
    float32, and they compress.
    """
    draws = np.random.RandomState(SEED)
    frequency = (np.arange(experiment.words) + 1.0) ** -1.3
    x = draws.choice(experiment.words, size=(BATCH, experiment.length), p=frequency / frequency.sum()).astype("int32")
    y = experiment.labels(draws)
    weights = [(np.round(draws.normal(0, 0.05, shape) * 1024) / 1024).astype("float32") for shape in shapes]
    return x, y, np.unique(x).astype("int32"), weights


# %% What is recorded
def train(experiment):
    """The model after 20 steps on one batch; what stood before; its losses, accuracies and predictions."""
    forget()
    model = keras.Sequential(experiment.model())
    model.build((None, experiment.length))
    model.compile(optimizer=experiment.optimizer, loss=experiment.loss, metrics=["acc"])
    x, y, rows, weights = draw(experiment, [w.shape for w in model.get_weights()])
    model.set_weights(weights)
    before = model.predict(x, batch_size=BATCH, verbose=0)
    results = np.array([[float(value) for value in model.train_on_batch(x, y)] for _ in range(STEPS)])
    arrays = {
        "loss": results[:, 0],
        "acc": results[:, 1],
        "prob0": before,
        "prob": model.predict(x, batch_size=BATCH, verbose=0),
    }
    others = np.setdiff1d(np.arange(experiment.words), rows)
    if not np.array_equal(model.get_weights()[0][others], weights[0][others]):
        raise SystemExit("record_other_chapters.py: words that do not occur have moved, so w20_0 would not say all")
    return model, (x, y, rows, weights), arrays


def named(prefix, weights, rows):
    """Weights by `prefix_i`; of the embedding only the words that occur, since the others never move."""
    return {f"{prefix}_{i}": w[rows] if i == 0 else w for i, w in enumerate(weights)}


def inputs(drawn):
    x, y, rows, _ = drawn
    return {"x": x, "y": y, "rows": rows}


def record_source(name, out):
    model, drawn, arrays = train(EXPERIMENTS[name])
    _, _, rows, weights = drawn
    after = named(f"w{STEPS}", model.get_weights(), rows)
    np.savez_compressed(out / f"{name}_source.npz", **arrays, **after)
    if name == "imdb_rnn":  # not run with Keras 2.15, so that its inputs stand alone
        np.savez_compressed(out / f"{name}.npz", **inputs(drawn), **named("w0", weights, rows))
    settings = next(layer for layer in model.layers if type(layer).__name__ == "LSTM").get_config()
    write_json(
        out / f"{name}_source.json",
        {
            "model": name,
            "stack": "tf.keras " + keras.__version__,
            "tensorflow": tf.__version__,
            "python": sys.version.split()[0],
            "total_params": int(model.count_params()),
            "layers": [[type(layer).__name__, int(layer.count_params())] for layer in model.layers],
            "recurrent_activation": str(settings["recurrent_activation"]),
            "implementation": int(settings["implementation"]),
            "optimizer": type(model.optimizer).__module__ + "." + type(model.optimizer).__name__,
            "loss": arrays["loss"].tolist(),
            "acc": arrays["acc"].tolist(),
        },
    )


def record_keras2(name, out):
    experiment = EXPERIMENTS[name]
    model, drawn, arrays = train(experiment)
    x, _, rows, weights = drawn
    arrays = dict(inputs(drawn), **arrays)
    np.savez_compressed(out / f"{name}.npz", **arrays, **named("w0", weights, rows))
    from keras import __version__ as keras_version  # tf.keras of TensorFlow 2.15 does not say

    summary = []
    model.summary(print_fn=lambda line, **_: summary.append(line))
    optimizer = model.optimizer
    write_json(
        out / f"{name}.json",
        {
            "model": name,
            "variant": "stock",
            "tensorflow": tf.__version__,
            "keras": keras_version,
            "numpy": np.__version__,
            "layers": [
                {
                    "class": type(layer).__name__,
                    "params": int(layer.count_params()),
                    "output_shape": list(layer.output_shape),
                }
                for layer in model.layers
            ],
            "total_params": int(model.count_params()),
            "weight_shapes": [list(w.shape) for w in weights],
            "optimizer": {
                "class": type(optimizer).__name__,
                "module": type(optimizer).__module__,
                "config": {key: plain(value) for key, value in optimizer.get_config().items()},
            },
            "loss_function": experiment.loss,
            "batch_size": BATCH,
            "steps": STEPS,
            "same_batch_every_step": True,
            "rows_saved": int(rows.size),
            "tokens": int(x.size),
            "w0_embedding_full_sha256": hashlib.sha256(weights[0].tobytes()).hexdigest(),
            "weights_rule": RULE,
            "loss": arrays["loss"].tolist(),
            "acc": arrays["acc"].tolist(),
            "summary": "\n".join(summary).split("\n"),
            "files": [f"{name}.npz"],
        },
    )


# %% Helpers
def forget():
    """A fresh state before each model: layers numbered from the start, one thread, and nothing left to chance."""
    keras.backend.clear_session()
    if tf.__version__.startswith("1."):
        threads = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
        keras.backend.set_session(tf.Session(config=threads))
    elif tf.__version__.startswith("2.15"):
        keras.utils.set_random_seed(SEED)
        tf.config.experimental.enable_op_determinism()


def plain(value):
    return float(value) if isinstance(value, np.floating) else value


def write_json(path, content):
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


# %% Run it
def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: python record_other_chapters.py OUT")
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    minor = ".".join(tf.__version__.split(".")[:2])
    if minor not in SOURCES and minor not in KERAS2:
        raise SystemExit("record_other_chapters.py: needs TensorFlow 1.14, 2.4 or 2.15, not " + tf.__version__)
    for name in SOURCES.get(minor, []):
        record_source(name, out)
        print(f"{name}_source: TensorFlow {tf.__version__}")
    for name in KERAS2.get(minor, []):
        record_keras2(name, out)
        print(f"{name}: TensorFlow {tf.__version__}")


if __name__ == "__main__":
    main()
