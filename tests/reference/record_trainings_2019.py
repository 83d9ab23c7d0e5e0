"""Records the whole trainings in r_2019_python/: the four models of imdb_lstm under the Keras of 2019, without R.

    python record_trainings_2019.py IMDB_NPZ OUT SEED...

Writes full_seedSEED.json for each seed, after each of its four models; 20 to 35 minutes a seed, on one thread. R's
layers call the same functions with the defaults of R keras 2.2.5, which stand here by name, and R seeds TensorFlow as
`begin` does. README.md says how to install TensorFlow 1.14 and what was verified.

IMDB_NPZ is a file in the format of Keras' imdb.npz that NumPy 1.16 can read: one that NumPy 2 wrote has to be saved
again with that NumPy. The variable EPOCHS trains for fewer epochs than ten, to compare the first ones with R's. Needs
NumPy and TensorFlow alone, and Python 3.7.
"""

import json
import os
import random
import sys
import time
from collections import namedtuple
from pathlib import Path

# TensorFlow reads these when it is imported.
os.environ.update(CUDA_VISIBLE_DEVICES="-1", TF_CPP_MIN_LOG_LEVEL="3")

import numpy as np
import tensorflow as tf
from tensorflow.python.keras.datasets import imdb

tf.compat.v1.logging.set_verbosity("ERROR")
keras = tf.keras
layers = tf.keras.layers
pad_sequences = keras.preprocessing.sequence.pad_sequences

# %% Data: as in record.R
NUM_WORDS = 500
MAXLEN = 200


def data(path):
    """Padded reviews `(25000, 200)` and labels `(25000,)`, to train on and to test on."""
    imdb.get_file = lambda *_, **__: path  # it would download the file; the rest of load_data is the stack's own
    train, test = imdb.load_data(num_words=NUM_WORDS)
    return [(pad_sequences(x, maxlen=MAXLEN), y) for x, y in (train, test)]


# %% Models: what stands between the embedding and the output. R passes the gates' activation, whatever Python's default
def lstm(**more):
    return layers.LSTM(32, recurrent_activation="hard_sigmoid", **more)


def one_layer():
    return [lstm()]


def two_layers():
    return [lstm(return_sequences=True), lstm()]


def two_directions():
    return [layers.Bidirectional(lstm())]


# %% Experiments
EPOCHS = int(os.environ.get("EPOCHS", "10"))
BATCH_SIZE = 128
VALIDATION_SPLIT = 0.2
Experiment = namedtuple("Experiment", "optimizer middle")
EXPERIMENTS = {
    "one": Experiment("rmsprop", one_layer),
    "two": Experiment("adam", one_layer),
    "three": Experiment("adam", two_layers),
    "four": Experiment("adam", two_directions),
}


def begin(seed):
    """Seed everything, on one thread: what R's use_session_with_seed does. Before each model, as in record.R."""
    tf.compat.v1.reset_default_graph()
    random.seed(seed)
    np.random.seed(seed)
    tf.compat.v1.set_random_seed(seed)
    threads = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    session = tf.compat.v1.Session(graph=tf.compat.v1.get_default_graph(), config=threads)
    keras.backend.set_session(session)


# %% What is recorded
def confusion(probabilities, y):
    """Rows predicted, columns actual, as R prints it; but a class that is never predicted has a row of zeros."""
    predicted = (probabilities.ravel() > 0.5).astype(int)
    return {
        "rows_predicted": ["0", "1"],
        "cols_actual": ["0", "1"],
        "counts": [[int(((predicted == i) & (y == j)).sum()) for j in (0, 1)] for i in (0, 1)],
    }


def scored(model, x, y):
    loss, acc = model.evaluate(x, y, verbose=0)
    return {"evaluate": {"loss": float(loss), "acc": float(acc)}, "table": confusion(model.predict(x), y)}


def train(experiment, seed, train_data, test_data):
    started = time.time()
    begin(seed)
    embedding = layers.Embedding(NUM_WORDS, 32)
    model = keras.Sequential([embedding, *experiment.middle(), layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=experiment.optimizer, loss="binary_crossentropy", metrics=["acc"])
    history = model.fit(
        *train_data, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_split=VALIDATION_SPLIT, verbose=0
    ).history
    return {
        "history": {key: [float(value) for value in values] for key, values in history.items()},
        "train": scored(model, *train_data),
        "test": scored(model, *test_data),
        "seconds": round(time.time() - started, 1),
    }


# %% Run it
def main():
    if len(sys.argv) < 4:
        raise SystemExit("usage: python record_trainings_2019.py IMDB_NPZ OUT SEED...")
    if not tf.__version__.startswith("1.14."):
        raise SystemExit("record_trainings_2019.py: needs TensorFlow 1.14, not " + tf.__version__)
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    train_data, test_data = data(sys.argv[1])
    for seed in map(int, sys.argv[3:]):
        models = {}
        for name, experiment in EXPERIMENTS.items():
            models[name] = train(experiment, seed, train_data, test_data)
            content = {
                "stack": "tf114_r225_defaults",
                "seed": seed,
                "epochs": EPOCHS,
                "batch_size": BATCH_SIZE,
                "validation_split": VALIDATION_SPLIT,
                "models": models,
            }
            (out / f"full_seed{seed}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
            print(seed, name, models[name]["test"]["evaluate"], models[name]["seconds"], flush=True)


if __name__ == "__main__":
    main()
