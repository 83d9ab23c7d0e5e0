"""Classifies texts with the model in this folder. It needs NumPy, and Keras on TensorFlow or onnxruntime; nothing else.

python load.py "A wonderful film." "A dull one."     by Keras, from model.keras
python load.py --onnx "A wonderful film."            by onnxruntime, from model.onnx
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
RULES: dict[str, Any] = json.loads((HERE / "preprocessing.json").read_text(encoding="utf-8"))
VOCABULARY: dict[str, int] = {}
if RULES["numbers"] != "md5":
    VOCABULARY = json.loads((HERE / RULES["numbers"]).read_text(encoding="utf-8"))


def words(text: str) -> list[str]:
    """The words of a text, cleaned and split as those that the model was trained on."""
    text = text.lower() if RULES["lower"] else text
    for old, new in RULES["replacements"]:
        text = text.replace(old, new)
    if RULES["single_spaces"]:
        text = " ".join(text.split())
    for character in RULES["filters"]:
        text = text.replace(character, RULES["split"])
    return [word for word in text.split(RULES["split"]) if word]


def number(word: str) -> int | None:
    """The number of a word; None if the word is left out."""
    if RULES["numbers"] == "md5":
        digest = hashlib.md5(word.encode("utf-8", "surrogatepass")).hexdigest()
        return int(int(digest, 16) % (RULES["num_words"] - 1)) + 1
    found: int | None = VOCABULARY.get(word, RULES["unknown"])
    return found


def rows(texts: list[str]) -> Any:
    """What the model takes: `(texts, maxlen)` int32."""
    x = np.full((len(texts), RULES["maxlen"]), RULES["pad"], np.int32)
    for row, text in zip(x, texts, strict=True):
        numbers = RULES["start"] + [found for found in map(number, words(text)) if found is not None]
        numbers = numbers[-len(row) :] if RULES["truncating"] == "pre" else numbers[: len(row)]
        first = len(row) - len(numbers) if RULES["padding"] == "pre" else 0
        row[first : first + len(numbers)] = numbers
    return x


def probabilities(x: Any, onnx: bool = False) -> Any:
    """`(texts, names)` float32: of each class or label."""
    if onnx:
        import onnxruntime

        (given,) = onnxruntime.InferenceSession(HERE / "model.onnx").run(None, {"words": x})
    else:
        import keras

        given = keras.saving.load_model(HERE / "model.keras").predict(x, verbose=0)
    return np.hstack([1 - given, given]) if given.shape[1] < len(RULES["names"]) else given


def answer(row: Any) -> str:
    """The most probable class; or the labels that are more probable than not."""
    if RULES["output"] == "several labels":
        return ", ".join(name for name, p in zip(RULES["names"], row, strict=True) if p > 0.5) or "none"
    return str(RULES["names"][row.argmax()])


if __name__ == "__main__":
    texts = [argument for argument in sys.argv[1:] if argument != "--onnx"]
    x = rows(texts or sys.exit(__doc__))
    known = (x > RULES["index_from"]).any(axis=1)  # without a known word, every text would get the same answer
    for is_known, row in zip(known, probabilities(x, onnx="--onnx" in sys.argv), strict=True):
        shares = [f"{name} {p:.2%}" for name, p in zip(RULES["names"], row, strict=True)]
        print(*([answer(row), *shares] if is_known else ["no answer: no word that the model knows"]), sep="  ")
