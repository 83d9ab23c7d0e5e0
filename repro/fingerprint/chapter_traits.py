"""What a stack computes, in words; and which walkthroughs' stacks and which of our numerics compute the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from repro.chapter import Chapter
from repro.fingerprint.known_stacks import Masks
from repro.fingerprint.variants import OPTIMIZERS, Computed, Gates, Optimizer, computed
from repro.numerics import NUMERICS, Numerics
from repro.numerics.activations import hard_sigmoid

GATES: dict[Gates, str] = {
    "sigmoid": "sigmoid",
    "keras2_hard_sigmoid": "Keras 2's hard_sigmoid",
    "keras3_hard_sigmoid": "Keras 3's hard_sigmoid",
}
NAMES: dict[Optimizer, str] = {"rmsprop": "RMSprop", "adam": "Adam"}

Traits = dict[str, str]
"""What a stack does, by what it is about: `LSTM gates`, `repeated words`, `RMSprop's epsilon`, ..."""


class TraitDifference(NamedTuple):
    """A trait in which a user's stack differs from that of a walkthrough."""

    about: str
    there: str
    here: str


class Comparison(NamedTuple):
    """A user's stack beside that of a walkthrough, which this suite computes with the numerics `source`."""

    chapter: str
    differences: tuple[TraitDifference, ...]
    """Of those traits that matter to the chapter's models."""
    options: tuple[str, ...]
    """What makes `repro run` compute those models as the user's stack does, dropout masks left aside: `--numerics
    keras2`, or a variation of the LSTM alone, `--vary sigmoid_gates`."""


def traits(what: Computed, optimizers: Sequence[Optimizer] = OPTIMIZERS) -> Traits:
    """What a stack computes, as far as it matters with these optimizers."""
    chosen = [what.variant(optimizer) for optimizer in optimizers]
    found = {"LSTM gates": _joined(GATES[each.gates] for each in what)}
    if chosen:
        found["repeated words"] = _joined(
            "gradients summed, then squared" if each.summed else "gradients squared one by one" for each in chosen
        )
    for optimizer, each in zip(optimizers, chosen, strict=True):
        place = each.place if each.place == "after correction" else f"{each.place} the root"
        found[f"{NAMES[optimizer]}'s epsilon"] = f"{each.epsilon:g} {place}"
        if optimizer == "adam":
            found["Adam's bias correction"] = "one step ahead" if each.ahead else "of the same step"
            found["Adam, words not in a batch"] = "stay as they are" if each.lazy else "move on"
    return found


def compared(chapter: Chapter, what: Computed, masks: Masks | None) -> Comparison:
    """Compare what a user's stack computes, and its dropout masks if they are known, with a walkthrough's stack."""
    used = {experiment.optimizer.lower() for experiment in chapter.experiments}
    optimizers = [optimizer for optimizer in OPTIMIZERS if optimizer in used]
    here = traits(what, optimizers)
    by_option = {f"--numerics {numerics}": traits(_computed(numerics, chapter), optimizers) for numerics in NUMERICS}
    there = by_option["--numerics source"]
    for variation in chapter.variations:
        if variation.lstm and not (variation.prepared or variation.built or variation.trained):
            varied = chapter.varied(variation.name)
            by_option[f"--vary {variation.name}"] = traits(_computed("source", varied), optimizers)
    differences = [TraitDifference(each, there[each], here[each]) for each in there if there[each] != here[each]]
    if chapter.lstm.get("mask_per_gate") and masks == "a shared one":
        differences.append(TraitDifference("dropout masks", "one for each gate", "a shared one, by your versions"))
    return Comparison(
        chapter.name,
        tuple(differences),
        tuple(option for option, its_traits in by_option.items() if its_traits == here),
    )


def _computed(numerics: Numerics, chapter: Chapter) -> Computed:
    """What these numerics compute (the table in `repro.numerics`); `stock` as on TensorFlow, its default."""
    if numerics == "source":
        old = chapter.lstm["gates"] is hard_sigmoid
        return computed("keras2_hard_sigmoid" if old else "sigmoid", summed=True, rmsprop="outside")
    return computed("sigmoid", summed=numerics == "keras2", rmsprop="inside")


def _joined(texts: Iterable[str]) -> str:
    """What the optimizers agree about, once; otherwise what each does."""
    return "; ".join(dict.fromkeys(texts))
