"""From R's initial weights and on R's batches, the models of imdb_lstm compute what they computed in R in 2019."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from repro import metrics, registry
from repro.training import compiled

REFERENCE = Path(__file__).parent / "reference" / "r_2019"


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["one", "two", "three", "four"])
def test_forty_steps_give_rs_losses_weights_predictions_and_table(name: str, real_data: Path) -> None:
    recorded = np.load(REFERENCE / f"{name}.npz")
    chapter, experiment = registry.experiment(f"imdb_lstm/model_{name}")
    assert chapter.data is not None
    data = chapter.data("real")
    model = compiled(chapter, experiment, "source")
    model.set_weights([recorded[f"w0_{i}"] for i in range(len(model.weights))])
    for step in range(1, 41):
        rows = slice(128 * (step - 1), 128 * step)
        model.reset_metrics()  # Keras 3 returns running means otherwise
        loss, _ = model.train_on_batch(data.x_train[rows], data.y_train[rows])
        assert loss == pytest.approx(recorded["loss"][step - 1], abs=5e-7)
        if step in (1, 10, 40):
            for i, weights in enumerate(model.get_weights()):
                np.testing.assert_allclose(weights, recorded[f"w{step}_{i}"], rtol=0, atol=1e-6)

    probabilities = model.predict(data.x_test[:512], verbose=0)
    np.testing.assert_allclose(probabilities, recorded["prob"].reshape(512, 1), rtol=0, atol=1e-6)
    matrix = metrics.confusion(probabilities[:, 0] > 0.5, data.y_test[:512], 2)
    table = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))["table"]
    assert [list(matrix[int(row)]) for row in table["rows_predicted"]] == table["counts"]  # R drops a class never given
    assert sum(map(sum, table["counts"])) == metrics.total(matrix) == 512
