"""What readers type, paste and save: texts that are understood, and texts that are refused."""

from __future__ import annotations

import json

PRINTED = ((9159, 1161), (3341, 11339))
"""The matrix of imdb_lstm's model one on test, as the source prints it."""

SHARES = [
    ("0.8137", 0.8137, 5e-5, "81.37 %"),
    (".8137", 0.8137, 5e-5, "81.37 %"),
    ("81.37", 0.8137, 5e-5, "81.37 %"),
    ("81.37%", 0.8137, 5e-5, "81.37 %"),
    (" 81.37 % ", 0.8137, 5e-5, "81.37 %"),
    ("0,8137", 0.8137, 5e-5, "81.37 %"),
    (",8137", 0.8137, 5e-5, "81.37 %"),
    ("81,37 %", 0.8137, 5e-5, "81.37 %"),
    ("8.137e-1", 0.8137, 5e-5, "81.37 %"),
    ("0.82", 0.82, 0.005, "82 %"),
    ("82", 0.82, 0.005, "82 %"),
    ("81.4%", 0.814, 0.0005, "81.4 %"),
    ("1", 1, 0, "100 %"),
    ("0", 0, 0, "0 %"),
    ("100", 1, 0.005, "100 %"),
    ("1.5%", 0.015, 0.0005, "1.5 %"),
    ("0.8%", 0.008, 0.0005, "0.8 %"),
    ("0.8199200034141541", 0.81992, 5e-17, "81.99200034141541 %"),
]
"""What is a share: the text, its value, half a unit of its last digit, and how it is said back."""

NO_SHARES = [
    ("1.7", "no share"),
    ("-0.1", "negative"),
    ("-0", "negative"),
    ("101%", "more than all"),
    ("250", "more than all"),
    ("nan", "no number"),
    ("inf", "no number"),
    ("", "nothing"),
    ("  ", "nothing"),
    ("%", "no number"),
    ("eighty", "no number"),
    ("0.8 0.9", "no number"),
    ("1.234.567", "no number"),
    ("0x1", "no number"),
    ("1e999", "too large"),
    ("9" * 50, "no number"),
]
"""What is none, and a part of the error."""

LOSSES = [("0.41", 0.41, 0.005), ("0,41", 0.41, 0.005), ("2", 2, 0.5)]
"""What is a loss: the text, its value, and half a unit of its last digit."""

NO_LOSSES = [("-1", "negative"), ("NaN", "diverged"), ("inf", "diverged"), ("", "nothing"), ("1e400", "large")]
"""What is none, and a part of the error."""

MATRICES = [
    "9159 1161 3341 11339",
    "9159, 1161, 3341, 11339",
    "9159,1161;3341,11339",
    "9159\t1161\n3341\t11339\n",
    "9,159 1,161 3,341 11,339",
    "9,159, 1,161, 3,341, 11,339",
    "9,159; 1,161; 3,341; 11,339",
    "[[9159 1161]\n [3341 11339]]",
    "[[9159, 1161], [3341, 11339]]",
    "((9159, 1161), (3341, 11339))",
    "array([[ 9159,  1161],\n       [ 3341, 11339]], dtype=int64)",
    "tf.Tensor(\n[[ 9159  1161]\n [ 3341 11339]], shape=(2, 2), dtype=int32)",
    "cm = [[9159, 1161], [3341, 11339]]",
    "9159.0 1161. 3.341e3 11339",
    "c(9159, 1161, 3341, 11339)",
    "matrix(c(9159, 3341, 1161, 11339), nrow = 2)",
    "matrix(c(9159, 1161, 3341, 11339), nrow = 2, byrow = TRUE)",
    "structure(c(9159L, 3341L, 1161L, 11339L), dim = c(2L, 2L), dimnames = list(Predicted = c('0', '1')))",
    "      [,1]  [,2]\n[1,] 9159  1161\n[2,] 3341 11339",
    "         Actual\nPredicted     0     1\n        0  9159  1161\n        1  3341 11339",
    "   \n        0     1\n  0  9159  1161\n  1  3341 11339",
    "         Actual\nPredicted     1     0\n        1 11339  3341\n        0  1161  9159",
    "         Actual\nPredicted      0      1\n        0  9,159  1,161\n        1  3,341 11,339",
    "pred      1     2\n   1  9159  1161\n   2  3341 11339",
    "Predicted    0     1\n    FALSE 9159  1161\n    TRUE  3341 11339",
    "Prediction negative positive\n  negative 9159 1161\n  positive 3341 11339",
    "    neg pos\nneg 9159 1161\npos 3341 11339",
    "        good  bad\n   good 9159 1161\n   bad 3341 11339",
    "Actual        0      1\nPredicted             \n0          9159   1161\n1          3341  11339",
    "Confusion Matrix and Statistics\n\n          Reference\nPrediction     0     1\n         0  9159  1161\n"
    "         1  3341 11339\n\n               Accuracy : 0.8199\n                 95% CI : (0.815, 0.8246)\n",
    "         Predicted\nActual     0     1\n      0  9159  3341\n      1  1161 11339",
    "Predicted     0     1\nActual              \n0          9159  3341\n1          1161 11339",
    "         Actual\nPredicted     0     1   Sum\n      0    9159  1161 10320\n      1    3341 11339 14680\n"
    "      Sum 12500 12500 25000",
    "         Actual\nPredicted     0     1\n      0    9159  1161\n      1    3341 11339\n      Sum 12500 12500",
    "    Actual\nPredicted     0     1   Sum\n      0    9159  1161 10320\n      1    3341 11339 14680",
    "    \n       0     1   Sum\n  0    9159  1161 10320\n  1    3341 11339 14680\n  Sum 12500 12500 25000",
    "Actual        0      1    All\nPredicted\n0          9159   1161  10320\n1          3341  11339  14680\n"
    "All       12500  12500  25000",
]
"""`PRINTED`, as R, Python and pandas print it, and as people type it."""

NO_MATRICES = [
    ("", "no count"),
    ("9159 1161 3341", "3 counts where 4"),
    ("1 2 3 4 5 6 7 8 9", "9 counts where 4"),
    ("   0 1 2\n0 1 2 3\n1 1 2 3\n2 3 4 5", "counts where 4"),
    ("    neg neu pos\nneg 1 2 3\nneu 1 2 3\npos 3 4 5", "no count"),
    ("-1 2 3 4", "from 0 on"),
    ("1 2 3 1e300", "from 0 on"),
    ("1.5 2 3 4", "whole numbers"),
    ("0.366 0.046 0.134 0.454", "whole numbers"),
    ("0 0 0 0", "no row"),
    ("nan 1 2 3", "no count"),
    ("a b c d", "no count"),
    ("c(1, 2, 3, 4", "no count"),
    ("sum\nsum 5", "no count"),
]
"""What is no matrix of two classes, and a part of the error."""

CURVES = {"loss": (0.5, 0.4), "accuracy": (0.75, 0.8), "val_loss": (0.6, 0.5), "val_accuracy": (0.7, 0.75)}
COLUMNS = {"loss": [0.5, 0.4], "acc": [0.75, 0.8], "val_loss": [0.6, 0.5], "val_acc": [0.7, 0.75]}
EPOCHS = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
R_COLUMNS = ("epoch", "value", "metric", "data")
LONG = [
    (epoch + 1, CURVES[name][epoch], name.removeprefix("val_"), "validation" if name.startswith("val_") else "training")
    for name in CURVES
    for epoch in (0, 1)
]
"""Rows of R's `as.data.frame(history)`: epoch, value, metric, data."""


def long_csv(heading: str, separator: str, row_names: bool) -> str:
    rows = [[f'"{i}"'] * row_names + list(map(str, row)) for i, row in enumerate(LONG, 1)]
    return "".join(f"{line}\n" for line in (heading, *map(separator.join, rows)))


HISTORIES = {
    "history.history": json.dumps(COLUMNS),
    "other names": json.dumps(COLUMNS).replace("acc", "binary_accuracy"),
    "R's history by jsonlite": json.dumps({"params": {"epochs": [2]}, "metrics": COLUMNS}),
    "inside history": json.dumps({"history": COLUMNS}),
    "list of epochs": json.dumps(EPOCHS),
    "pandas' to_json": json.dumps({n: {"0": a, "1": b} for n, (a, b) in COLUMNS.items()}),
    "R's frame as JSON": json.dumps([dict(zip(R_COLUMNS, row, strict=True)) for row in LONG]),
    "CSVLogger": "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.75,0.5,0.7,0.6\n1,0.8,0.4,0.75,0.5\n",
    "semicolons": "epoch;accuracy;loss;val_accuracy;val_loss\r\n1;0,8;0,4;0,75;0,5\r\n0;0,75;0,5;0,7;0,6\r\n",
    "pandas, in percent": "\ufeff,loss,acc,val_loss,val_acc\n0,0.5,75,0.6,70\n1,0.4,80,0.5,75\n",
    "R": long_csv("epoch,value,metric,data", ",", False),
    "R with row names": long_csv('"","epoch","value","metric","data"', ",", True),
    "R's data frame as printed": "  epoch value   metric       data\n"
    + "".join(f"{i} {epoch} {value} {name} {part}\n" for i, (epoch, value, name, part) in enumerate(LONG, 1)),
    "pandas": "   loss   acc  val_loss  val_acc\n0  0.5  0.75  0.6  0.7\n1  0.4  0.80  0.5  0.75\n",
    "R's write.table": long_csv("epoch\tvalue\tmetric\tdata", "\t", True),
}
"""`CURVES`, as Keras in Python and R leaves them, by how that is made."""

DIVERGED = [
    "epoch,loss,accuracy\n0,0.5,0.7\n1,nan,0.5\n2,nan,0.5\n",
    '{"loss": [0.5, NaN, NaN], "acc": [0.7, 0.5, 0.5]}',
]
"""Histories whose loss was no longer finite from the second epoch on."""

NO_HISTORIES = [
    ("", "empty"),
    (" \n", "empty"),
    ('{"loss": [0.5, 0.4', "cut off"),
    ("[1, 2]", "neither an object"),
    ("{}", "neither an object"),
    ('{"loss": [0.5, 0.4], "acc": [0.7]}', "not of the same length: loss 2, acc 1"),
    ('{"lr": [0.5, 0.4]}', "neither loss nor accuracy"),
    ('{"loss": []}', "no epoch"),
    ('{"loss": [null]}', "no epoch"),
    ('{"loss": ["low"]}', "no number"),
    ('{"loss": [[0.5]]}', "no number"),
    ('{"loss": [0.5], "acc": [true]}', "no number"),
    ('{"loss": [-0.5]}', "cannot be"),
    ('{"acc": [1.7]}', "cannot be"),
    ('{"acc": [170]}', "cannot be"),
    ('{"loss": [0.5, null, 0.4]}', "missing"),
    ('{"acc": [0.5], "accuracy": [0.5]}', "two columns of accuracy"),
    ("loss", "no epoch"),
    ("just some text", "no epoch"),
    ('"', "no epoch"),
    ("loss,acc\n0.5\n", "row 1 has 1 values"),
    ("loss,loss\n0.5,0.5\n", "two columns of one name"),
    ("epoch,loss\n0,0.5\n0,0.4\n", "several runs"),
    ("epoch,loss\n0,0.5\n2,0.4\n", "followed by 2"),
    ("epoch,loss\none,0.5\n", "no whole number"),
    ("epoch,value,metric,data\n1,0.5,loss,training\n1,0.4,loss,training\n", "several runs"),
]
"""What is no history, and a part of the error."""

NO_TABLES_OF_R = [
    "Final epoch (plot to see history):\n        loss: 0.3749\n    accuracy: 0.8441\n",
    "# A tibble: 2 x 4\n  epoch value metric data\n  <int> <dbl> <fct> <fct>\n1 1 0.5 loss training\n",
    "  epoch value metric\n1 1 0.5 loss\n [ reached 'max' / getOption(\"max.print\") -- omitted 3 rows ]\n",
]
"""What R prints of a history, and is no table."""
