"""Which numbers does your Keras compute? A small training whose outcome depends on your software alone.

    python probe.py > fingerprint.json                the installed keras, otherwise tensorflow.keras
    python probe.py tf.keras > fingerprint.json       the Keras inside TensorFlow (or: keras, tf_keras)

Then: repro fingerprint fingerprint.json

It takes up to half a minute, downloads nothing and writes nothing but what it prints. Data and initial weights come
from whole-number arithmetic and no random numbers, so they are the same everywhere. An embedding, an LSTM and a dense
layer, with their default arguments, are trained with RMSprop and with Adam, with their default arguments.
"""

import importlib
import importlib.util
import json
import os
import platform
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor: a graphics card may round to three digits (TF32)
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["KERAS_TORCH_DEVICE"] = "cpu"  # of Keras 3 on PyTorch, which takes a Mac's graphics card
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy  # noqa: E402

VERSION = 1  # of the numbers below: whatever changes them makes it a new version
WORDS, LENGTH, DIMENSIONS, UNITS = 10, 8, 4, 3
ROWS, BATCH_SIZE, EPOCHS = 8, 4, 24


# The Keras that is asked about
def keras_named(name):
    if name == "tf.keras":
        return importlib.import_module("tensorflow").keras
    return importlib.import_module(name)


if len(sys.argv) > 1:
    name = sys.argv[1]
else:
    name = "keras" if importlib.util.find_spec("keras") else "tf.keras"
keras = keras_named(name)
if keras.backend.backend() == "tensorflow":
    try:  # TensorFlow on a Mac's graphics card does not ask the environment
        importlib.import_module("tensorflow").config.set_visible_devices([], "GPU")
    except Exception:  # TensorFlow before 2.1 has no such function, and knows no such card
        pass


# Data and initial weights: state -> 16807 * state modulo 2^31 - 1 (Park and Miller, 1988)
state = 2030


def draw(below):
    """The next whole number from 0 to below - 1."""
    global state
    state = 16807 * state % 2147483647
    return state % below


def array(rows, columns, scale):
    """Numbers between -scale and scale, which float32 holds exactly, row by row."""
    return numpy.array([[(draw(257) - 128) / 128.0 * scale for _ in range(columns)] for _ in range(rows)], "float32")


# Each row begins with up to three zeros, as padding. The two batches share some words, and repeat words.
x = numpy.zeros((ROWS, LENGTH), "int32")
y = numpy.zeros((ROWS, 1), "float32")
for row in range(ROWS):
    for place in range(row % 4, LENGTH):
        x[row, place] = 1 + draw(6) + (3 if row >= BATCH_SIZE else 0)
    y[row, 0] = draw(2)

embedding = array(WORDS, DIMENSIONS, 2.0)
kernel = array(DIMENSIONS, 4 * UNITS, 1.0)
recurrent_kernel = array(UNITS, 4 * UNITS, 1.0)
bias = array(1, 4 * UNITS, 1.0)
dense_kernel = array(UNITS, 1, 2.0)
dense_bias = array(1, 1, 1.0)
# Almost nothing depends on the last unit at first: its gradients are so small that an optimizer's epsilon shows.
recurrent_kernel[UNITS - 1] /= 16384
dense_kernel[UNITS - 1] /= 16384
weights = [embedding, kernel, recurrent_kernel, bias[0], dense_kernel, dense_bias[0]]


# Model and training
def compiled(optimizer):
    model = keras.models.Sequential()
    model.add(keras.layers.Embedding(WORDS, DIMENSIONS))
    model.add(keras.layers.LSTM(UNITS))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    if not model.built:  # Keras 3 makes the weights with the first input
        model.build((None, LENGTH))
    model.compile(optimizer=optimizer, loss="binary_crossentropy")
    return model


def numbers(values):
    """Nine digits of each, as a flat list: float32 has no more."""
    return [float("%.9g" % (value + 0.0)) for value in numpy.asarray(values, "float64").reshape(-1)]


def facts(thing):
    """Its class and its settings, as far as they are single values."""
    settings = {"class": type(thing).__module__ + "." + type(thing).__name__}
    for key, value in thing.get_config().items():
        if isinstance(value, (numpy.floating, numpy.integer, numpy.bool_)):
            value = value.item()
        if isinstance(value, (bool, int, float, str)):
            settings[key] = value
    return settings


def keras_version():
    """Of the package that the models come from: some versions of tensorflow.keras do not tell their own."""
    package = keras.models.Sequential.__module__.split(".")[0]
    module = keras if package == "tensorflow" else importlib.import_module(package)
    return getattr(module, "__version__", "not known")


result = {
    "probe": "repro fingerprint",
    "version": VERSION,
    "language": "Python " + platform.python_version(),
    "keras": {"name": name, "version": keras_version()},
    "backend": {"name": keras.backend.backend()},
    "packages": {"numpy": numpy.__version__},
    "defaults": {"floatx": keras.backend.floatx(), "epsilon": keras.backend.epsilon()},
    "epochs": EPOCHS,
}
result["backend"]["version"] = importlib.import_module(result["backend"]["name"]).__version__

for optimizer in ("rmsprop", "adam"):
    model = compiled(optimizer)
    result["layers"] = {"embedding": facts(model.layers[0]), "lstm": facts(model.layers[1])}
    result["forget_bias"] = numbers(model.get_weights()[3][UNITS : 2 * UNITS])  # as Keras makes it, before training
    model.set_weights(weights)
    result["probabilities"] = numbers(model.predict(x, verbose=0))  # of the initial weights
    history = model.fit(x, y, batch_size=BATCH_SIZE, epochs=EPOCHS, shuffle=False, verbose=0)
    result[optimizer] = {
        "settings": facts(model.optimizer),
        "losses": numbers(history.history["loss"]),  # of each epoch: the mean of its two steps
        "weights": [numbers(array) for array in model.get_weights()],  # after the last step
    }


# A checksum of all numbers' text, to notice a file that was cut or edited
checked = list(result["probabilities"])
for optimizer in ("rmsprop", "adam"):
    for part in [result[optimizer]["losses"]] + result[optimizer]["weights"]:
        checked += part
checksum = 0
for character in " ".join("%.9g" % value for value in checked):
    checksum = (257 * checksum + ord(character)) % 2147483647
result["checksum"] = checksum

print(json.dumps(result, indent=1))
