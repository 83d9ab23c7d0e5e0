"""What a user is told about the own stack: right for every recorded stack, and careful where nothing agrees."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from click.testing import CliRunner
from probe_files import RECORDINGS, REFERENCE, content, sealed, written

from repro import registry
from repro.cli import main
from repro.fingerprint.chapter_traits import InitialTraits, compared
from repro.fingerprint.known_stacks import KNOWN_STACKS, KnownStack, Software, known_as, masks_of
from repro.fingerprint.matching import LIMIT, LOSS_LIMIT, match
from repro.fingerprint.probe_file import ProbeOutput, read_probe
from repro.fingerprint.trajectories import trajectories
from repro.fingerprint.variants import OPTIMIZERS, Computed, Gates, Optimizer, Variant, computed
from repro.report.stack_table import recorded_probes, stack_table
from repro.report.table import contents

RESULTS = Path(__file__).parents[2] / "results"


def told(file: str) -> str:
    result = CliRunner().invoke(main, ["fingerprint", file])
    assert result.exit_code == 0, result.output
    return result.stdout


def told_as_data(file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CliRunner().invoke(main, ["fingerprint", file, "--output", "json"]).stdout)
    return loaded


def of_variants(what: Computed, folder: Path, **facts: Any) -> str:
    """A file with the numbers that these variants compute, and other facts."""
    probe = content() | facts
    for optimizer in OPTIMIZERS:
        paths = trajectories(optimizer, [what.variant(optimizer)])
        sizes = [len(each) for each in probe[optimizer]["weights"]]
        probe["probabilities"] = paths.probabilities[0].tolist()
        probe[optimizer]["losses"] = paths.losses[0].tolist()
        parts = np.split(paths.weights[0], np.cumsum(sizes)[:-1])
        probe[optimizer]["weights"] = [part.tolist() for part in parts]
    return written(sealed(probe), folder)


def test_there_are_recordings() -> None:
    assert RECORDINGS


def known_of(path: Path) -> tuple[KnownStack, ProbeOutput]:
    probe = read_probe(str(path))
    known = known_as(Software.of(probe))
    assert known
    return known, probe


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_every_recorded_stack_computes_what_is_known_of_it(path: Path) -> None:
    known, probe = known_of(path)
    found = match(probe)
    if len(known.computed) > 1:  # by chance, also from step to step
        nearest = Computed(*(one.nearest.variant for one in found))
        assert nearest in known.computed
        return
    assert found.computed == known.computed
    assert max(one.nearest.distance for one in found) < LIMIT / 10
    for optimizer in OPTIMIZERS:
        paths = trajectories(optimizer, [known.computed[0].variant(optimizer)])
        assert np.abs(paths.losses[0] - probe.training(optimizer).all_losses).max() < LOSS_LIMIT / 2
        assert np.abs(paths.probabilities[0] - probe.all_probabilities).max() < LOSS_LIMIT / 2
    assert f"computes as {known.name} is known to" in told(str(path))


def test_versions_have_one_row_at_most() -> None:
    for path in RECORDINGS:
        software = Software.of(read_probe(str(path)))
        assert sum(stack.includes(software) for stack in KNOWN_STACKS) == 1, software.name


OLD = computed("keras2_hard_sigmoid", summed=True, rmsprop="outside")
R_2019: dict[str, Any] = {
    "language": "R 3.6.3",
    "keras": {"name": "tf.keras", "version": "2.2.4-tf"},
    "backend": {"name": "tensorflow", "version": "1.14.0"},
    "packages": {"keras": "2.2.5.0", "tensorflow": "2.0.0", "reticulate": "1.13"},
}


def test_the_stack_of_the_walkthrough_is_told_that_it_computes_the_same(tmp_path: Path) -> None:
    out = told(of_variants(OLD, tmp_path, **R_2019))
    assert out.startswith("Your stack: R keras 2.2.5.0 over TensorFlow 1.14.0, called from R 3.6.3\n")
    assert "Your LSTM computes as R keras 2.2.5 to 2.6 over TensorFlow 1.14 to 2.10 is known to compute:" in out
    assert "  imdb_lstm: the same, so this is not why your numbers differ\n" in out
    assert "  imdb_rnn: not the same; no option of `repro run` computes like yours\n    LSTM gates: sigmoid; y" in out
    assert "So do:\n  keras 2.2 over Theano 1.0\n  tf.keras 1.14 to 1.15\n" in out


def walkthroughs(file: str) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """By chapter and experiments: what differs, and what to give to `repro run` and to `repro judge`."""
    return {
        "/".join([each["chapter"], *each["experiments"]] if each["experiments"] != "all" else [each["chapter"]]): (
            [difference["about"] for difference in each["differences"]],
            each["run"],
            each["judge"],
        )
        for each in told_as_data(file)["walkthroughs"]
    }


def test_another_stack_is_told_what_differs_where_it_matters(tmp_path: Path) -> None:
    """RMSprop's epsilon matters to the experiments that train with RMSprop alone."""
    path = of_variants(computed("sigmoid", summed=True, rmsprop="inside"), tmp_path)
    told_of = walkthroughs(path)
    keras2 = ["--numerics keras2"]
    assert told_of["imdb_lstm/model_one"] == (["LSTM gates", "RMSprop's epsilon"], keras2, keras2)
    others = ["LSTM gates"], [*keras2, "--vary sigmoid_gates"], keras2
    assert told_of["imdb_lstm/model_two/model_three/model_four"] == others
    assert told_of["imdb_rnn"] == (["RMSprop's epsilon"], keras2, keras2)
    assert told_of["stacked_lstm"] == ([], ["--numerics source", *keras2], ["--numerics source", *keras2])
    out = told(path)
    assert "    LSTM gates: Keras 2's hard_sigmoid; yours: sigmoid\n" in out
    assert (
        "    like yours: `repro run imdb_rnn --numerics keras2`; to judge: `repro judge ... --numerics keras2`\n" in out
    )


def test_rmsprop_is_not_why_the_numbers_of_models_with_adam_differ(tmp_path: Path) -> None:
    """As on R keras 2.6 over TensorFlow 2.11."""
    out = told(of_variants(computed("keras2_hard_sigmoid", summed=True, rmsprop="inside"), tmp_path))
    assert (
        "  imdb_lstm/model_one: not the same; no option of `repro run` computes like yours\n"
        "    RMSprop's epsilon: 1e-07 outside the root; yours: 1e-07 inside the root\n"
        "  imdb_lstm/model_two, model_three, model_four: the same, so this is not why your numbers differ\n"
    ) in out


def test_whether_the_software_is_why_is_answered_before_the_technical_terms(tmp_path: Path) -> None:
    out = told(of_variants(computed("sigmoid", summed=True, rmsprop="inside"), tmp_path)).replace("\n", " ")
    places = [
        out.index(part) for part in ("imdb_lstm/model_one:", "does not yet mean that it matters", "repeated words  ")
    ]
    assert places == sorted(places)


def test_a_variation_of_the_lstm_is_named_where_it_computes_like_the_users_stack(tmp_path: Path) -> None:
    path = of_variants(computed("sigmoid", summed=True, rmsprop="outside"), tmp_path)
    assert walkthroughs(path)["imdb_lstm/model_one"][1:] == (["--vary sigmoid_gates"], [])
    assert "    like yours: `repro run imdb_lstm/model_one --vary sigmoid_gates`\n" in told(path)


@pytest.mark.parametrize(
    ("facts", "difference"),
    [
        ({"forget_bias": [0.0, 0.0, 0.0]}, "forget gate: its bias starts at 1; yours: its bias starts at 0"),
        ({"forget_bias": [1.0, 0.5, 1.0]}, "forget gate: its bias starts at 1; yours: its bias starts at 0.5 and 1"),
        ({"defaults": {"floatx": "float64"}}, "precision: float32; yours: float64"),
    ],
)
def test_another_start_or_precision_is_a_difference_in_every_walkthrough(
    facts: dict[str, Any], difference: str, tmp_path: Path
) -> None:
    out = told(of_variants(OLD, tmp_path, **R_2019, **facts))
    assert out.count(f"    {difference}\n") == len(registry.chapters())
    assert "this is not why your numbers differ" not in out
    assert "like yours: `repro run" not in out


def test_a_stack_with_another_forget_bias_is_not_said_to_be_a_known_one(tmp_path: Path) -> None:
    out = told(of_variants(OLD, tmp_path, **R_2019, forget_bias=[0.0, 0.0, 0.0]))
    assert "Your LSTM does not compute as R keras 2.2.5 to 2.6 over TensorFlow 1.14 to 2.10 is known to" in out
    assert "its bias starts at 0; in all known stacks at 1" in out
    assert "Known stacks that compute like this" not in out


def test_where_masks_matter_and_are_unknown_it_is_not_said_that_all_is_the_same(tmp_path: Path) -> None:
    what = computed("sigmoid", summed=True, rmsprop="outside")
    facts: dict[str, Any] = {"keras": {"name": "tf.keras", "version": "?"}, "backend": {"name": "x", "version": "1"}}
    out = told(of_variants(what, tmp_path, **facts))
    assert "  jigsaw_multilabel: the same, as far as this shows. Your versions do not tell whether your LSTM" in out
    assert "  stacked_lstm: the same, so this is not why your numbers differ\n" in out


def test_versions_that_compute_otherwise_than_is_known_of_them_are_told(tmp_path: Path) -> None:
    out = told(of_variants(computed("sigmoid", summed=True, rmsprop="outside"), tmp_path, **R_2019))
    assert "Your LSTM does not compute as R keras 2.2.5 to 2.6 over TensorFlow 1.14 to 2.10 is known to" in out
    assert "Known stacks that compute like this:\n  R keras 2.7 to 2.15 over TensorFlow 2.0 to 2.10\n" in out


def test_versions_that_are_not_in_the_table_are_told_by_what_they_compute(tmp_path: Path) -> None:
    out = told(of_variants(OLD, tmp_path, backend={"name": "cntk", "version": "2.7"}))
    assert "These versions are not in our table. Your LSTM computes like others that are." in out


def test_r_over_pythons_own_keras_is_not_taken_for_r_over_tensorflow(tmp_path: Path) -> None:
    own = {"keras": {"name": "keras", "version": "2.2.4"}}
    out = told(of_variants(OLD, tmp_path, **{**R_2019, **own}))
    assert out.startswith("Your stack: R keras 2.2.5.0 over keras 2.2.4 and TensorFlow 1.14.0, called from R 3.6.3\n")
    assert "These versions are not in our table." in out


def test_a_way_that_no_stack_has_is_recognised_nevertheless(tmp_path: Path) -> None:
    """And an epsilon that is none of the usual ones, if the optimizer states it."""
    adam = Variant("keras3_hard_sigmoid", True, 1e-4, "after correction", lazy=True)
    rmsprop = OLD.rmsprop._replace(gates="keras3_hard_sigmoid")
    probe = content(Path(of_variants(Computed(rmsprop, adam), tmp_path)))
    probe["adam"]["settings"]["epsilon"] = 1e-4
    data = told_as_data(written(probe, tmp_path))
    assert [each["adam"] for each in data["computes"]] == [adam._asdict()]
    assert data["known_stacks"] == []


@pytest.mark.parametrize(
    ("epoch", "parts"), [(0, "in epoch 1 (steps 1 and 2)"), (20, "in epoch 21 (steps 41 and 42)"), (None, "in the wei")]
)
def test_where_nothing_agrees_the_nearest_is_told_and_where_it_parts(
    epoch: int | None, parts: str, tmp_path: Path
) -> None:
    probe = content()
    if epoch is not None:
        probe["adam"]["losses"][epoch:] = [loss + 1e-4 for loss in probe["adam"]["losses"][epoch:]]
    probe["adam"]["weights"][5] = [probe["adam"]["weights"][5][0] + 1e-4]
    out = told(written(sealed(probe), tmp_path))
    assert "Your LSTM computes in a way that we do not know." in out
    assert re.search(r"distance +\de-0[67]: it agrees", out)  # with RMSprop
    assert "distance                    1e-04; rounding explains 2e-05" in out
    assert f"it parts                    {parts}" in out
    assert "open an issue and attach the file" in out


def recomputed(what: Computed, folder: Path, optimizer: Optimizer, losses: list[float]) -> ProbeOutput:
    """A probe that computes this, but for what is added to the losses with one optimizer."""
    probe = content(Path(of_variants(what, folder)))
    probe[optimizer]["losses"] = (np.array(probe[optimizer]["losses"]) + losses).tolist()
    return read_probe(written(sealed(probe), folder))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("by", [3e-5, 1e-3, 1.0])
def test_one_number_that_is_far_out_does_not_hide_that_all_others_agree(
    by: float, optimizer: Optimizer, tmp_path: Path
) -> None:
    probe = recomputed(OLD, tmp_path, optimizer, [0.0] * 3 + [by] + [0.0] * 20)
    found = match(probe)[OPTIMIZERS.index(optimizer)]
    assert not found.agreeing
    assert found.nearest.variant == OLD.variant(optimizer)
    assert found.nearest.parts == "in epoch 4 (steps 7 and 8)"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("gates", [each for each in get_args(Gates) if each != "sigmoid"])
def test_losses_that_drift_to_other_gates_do_not_hide_that_the_probabilities_agree(
    gates: Gates, optimizer: Optimizer, tmp_path: Path
) -> None:
    """And past them: so far that most numbers are nearer to those of other gates."""
    what = computed("sigmoid", summed=True, rmsprop="inside")
    both = [what.variant(optimizer), what.variant(optimizer)._replace(gates=gates)]
    here, there = trajectories(optimizer, both).losses
    drift = np.linspace(0.0, 20.0, len(here)) * (there - here)
    found = match(recomputed(what, tmp_path, optimizer, drift.tolist()))[OPTIMIZERS.index(optimizer)]
    assert not found.agreeing
    assert found.nearest.variant.gates == "sigmoid"
    assert found.nearest.parts == "in epoch 2 (steps 3 and 4)"


OWN_KERAS = {"keras": {"name": "keras", "version": "2.2.4"}, "backend": {"name": "tensorflow", "version": "1.14.0"}}


@pytest.mark.parametrize("ahead", [False, True])
def test_versions_that_compute_by_chance_are_told_so(ahead: bool, tmp_path: Path) -> None:
    """And other stacks that compute like one of the possible ways are not told that these always do."""
    what = computed("keras2_hard_sigmoid", summed=True, rmsprop="outside", ahead=ahead)
    assert "by chance" in told(of_variants(what, tmp_path, **OWN_KERAS))
    assert "over TensorFlow 1.14 to 1.15" not in told(of_variants(OLD, tmp_path, **R_2019))


def test_chance_needs_no_report(tmp_path: Path) -> None:
    out = told(written(sealed(content() | OWN_KERAS), tmp_path))
    assert "does not compute as keras 2.2" in out
    probe = content(Path(of_variants(OLD, tmp_path, **OWN_KERAS)))
    probe["adam"]["weights"][0][0] += 1e-4
    out = told(written(sealed(probe), tmp_path))
    assert "So yours agree with no way of computing in all steps. The nearest:" in out.replace("\n", " ")
    assert "open an issue" not in out


def test_probabilities_that_differ_part_before_the_first_step(tmp_path: Path) -> None:
    probe = content()
    probe["probabilities"][0] += 0.01
    assert match(read_probe(written(sealed(probe), tmp_path))).adam.nearest.parts.startswith("before the first step")


@pytest.mark.parametrize(
    ("facts", "implementation", "masks"),
    [
        (R_2019, 1, "one for each gate"),
        ({**R_2019, "backend": {"name": "tensorflow", "version": "2.0.0"}}, 2, "a shared one"),
        (
            R_2019 | {"backend": {"name": "tensorflow", "version": "2.4.1"}},
            2,
            "one for each gate with recurrent dropout",
        ),
        ({"keras": {"name": "keras", "version": "3.7.0"}}, None, "a shared one"),
        ({"keras": {"name": "keras", "version": "3.10.0"}}, None, "one for each gate with recurrent dropout"),
        ({"keras": {"name": "keras", "version": "2.3.1"}}, 2, "a shared one"),
        ({"keras": {"name": "tf.keras", "version": "not known"}, "backend": {"name": "x", "version": "1"}}, 2, None),
        (
            {"keras": {"name": "tf.keras", "version": "?"}, "backend": {"name": "tensorflow", "version": "2.2.1"}},
            2,
            "one for each gate with recurrent dropout",
        ),
        (
            {
                "keras": {"name": "tf_keras", "version": "2.18.0"},
                "backend": {"name": "tensorflow", "version": "2.18.0"},
            },
            2,
            "one for each gate with recurrent dropout",
        ),
        ({"keras": {"name": "keras", "version": "not known"}}, None, None),
        ({"keras": {"name": "tf.keras", "version": "not known"}}, None, None),  # over TensorFlow 2.21
    ],
)
def test_dropout_masks_follow_from_configuration_and_versions(
    facts: dict[str, Any], implementation: int | None, masks: str | None, tmp_path: Path
) -> None:
    probe = content() | facts
    if implementation:
        probe["layers"]["lstm"]["implementation"] = implementation
    found = masks_of(read_probe(written(probe, tmp_path)))
    assert found is None if masks is None else found is not None and found.startswith(masks)


def test_shared_masks_are_a_difference_where_the_walkthrough_had_one_for_each_gate() -> None:
    what = computed("sigmoid", summed=True, rmsprop="outside")
    (found,) = compared(registry.chapter("jigsaw_multilabel"), what, InitialTraits(), "a shared one")
    assert [each.about for each in found.differences] == ["dropout masks"]


def test_an_unknown_version_of_keras_is_not_taken_for_an_old_one(tmp_path: Path) -> None:
    what = computed("sigmoid", summed=True, rmsprop="outside")
    out = told(of_variants(what, tmp_path, keras={"name": "keras", "version": "not known"}))
    assert out.startswith("Your stack: keras (version not known) over TensorFlow ")
    assert "These versions are not in our table." in out
    assert "dropout masks: one for each gate" not in out
    assert "your versions do not tell how it draws them" in out


@pytest.mark.parametrize("name", ["tf_keras", "tf.keras"])  # tensorflow.keras is tf_keras with TF_USE_LEGACY_KERAS
def test_tf_keras_is_not_taken_for_the_keras_in_tensorflow(name: str, tmp_path: Path) -> None:
    facts = {"keras": {"name": name, "version": "2.18.0"}, "backend": {"name": "tensorflow", "version": "2.18.1"}}
    path = of_variants(computed("sigmoid", summed=True, rmsprop="inside"), tmp_path, **facts)
    out = told(path)
    assert out.startswith("Your stack: tf_keras 2.18.0 over TensorFlow 2.18.1, called from ")
    assert "computes as tf_keras 2.15 and later over TensorFlow is known to" in out
    probe = content(Path(of_variants(computed("sigmoid", summed=True, rmsprop="outside"), tmp_path, **facts)))
    probe["rmsprop"]["settings"]["class"] = "tf_keras.src.optimizers.legacy.rmsprop.RMSprop"
    assert "computes as tf_keras 2.15 and later over TensorFlow with legacy optimizers is known" in told(
        written(probe, tmp_path)
    )


def test_the_keras_in_todays_tensorflow_is_keras_3() -> None:
    new = Software("tf.keras", "2.18.0", "TensorFlow", "2.18.0")
    assert known_as(new) is None


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_variants_that_cannot_be_told_apart_are_both_told(optimizer: Optimizer, tmp_path: Path) -> None:
    """As with an epsilon that is stated as something next to a usual one."""
    probe = content()
    probe[optimizer]["settings"]["epsilon"] = 1.0000001e-7
    path = written(probe, tmp_path)
    assert len(told_as_data(path)["computes"]) == 2
    assert "\nor\n" in told(path)


@pytest.mark.usefixtures("committed_results")
def test_the_committed_table_of_stacks_is_that_of_the_recordings() -> None:
    table = stack_table(recorded_probes(REFERENCE))
    for path, expected in contents([table], RESULTS / "tables" / "fingerprints").items():
        assert path.read_bytes() == expected


def test_it_answers_without_what_trains() -> None:
    """NumPy is enough; the command is as fast as the start of Python allows."""
    code = (
        "import sys; from repro.cli import main\n"
        f"try: main(['fingerprint', {str(RECORDINGS[0])!r}])\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print({'tensorflow', 'keras', 'jax', 'numba', 'scipy', 'pandas', 'matplotlib'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "nothing was asked\nName the FILE that the probe printed"),
        (["file.json", "--script", "r"], "FILE and --script do not go together\nName the FILE"),
        (["--stacks", "--script", "python"], "--script and --stacks do not go together\nName the FILE"),
        (["--script", "python", "--output", "json"], "--output does not go with --script, only with FILE\nLeave it"),
        (["--stacks", "--output", "text"], "--output does not go with --stacks, only with FILE\n"),
        (["file.json", "--reference", "x"], "--reference does not go with FILE, only with --stacks\n"),
        (["file.json", "--results", "x"], "--results does not go with FILE, only with --stacks\n"),
    ],
)
def test_one_thing_is_asked_at_a_time_with_the_options_that_go_with_it(arguments: list[str], says: str) -> None:
    result = CliRunner().invoke(main, ["fingerprint", *arguments])
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 2


def test_who_asks_nothing_is_told_all_that_can_be_asked() -> None:
    stderr = CliRunner().invoke(main, ["fingerprint"]).stderr
    assert all(word in stderr for word in ("FILE", "--script python|r", "--stacks"))
