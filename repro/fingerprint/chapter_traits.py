"""What a stack computes, in words; and which walkthroughs' stacks and which of our numerics compute the same."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from repro.chapter import Chapter
from repro.fingerprint.known_stacks import Masks
from repro.fingerprint.probe_file import ProbeOutput
from repro.fingerprint.variants import OPTIMIZERS, Computed, Gates, Optimizer, Variant, computed
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


class InitialTraits(NamedTuple):
    """What a probe says of its stack before it trains."""

    forget_bias: tuple[float, ...] = (1.0,)
    """The different values of the bias of an LSTM's forget gate; the default is what all known stacks have."""
    floatx: str = "float32"

    @classmethod
    def of(cls, probe: ProbeOutput) -> InitialTraits:
        """That of a probe."""
        return cls(
            tuple(sorted({float(bias) for bias in probe.forget_bias if bias is not None})), probe.defaults.floatx
        )

    @property
    def traits(self) -> Traits:
        """In words."""
        bias = " and ".join(f"{bias:g}" for bias in self.forget_bias)
        return {"forget gate": f"its bias starts at {bias}", "precision": self.floatx}


class TraitDifference(NamedTuple):
    """A trait in which a user's stack differs from that of a walkthrough."""

    about: str
    there: str
    here: str


class Comparison(NamedTuple):
    """A user's stack beside that of a walkthrough, which this suite computes with the numerics `source`."""

    chapter: str
    experiments: tuple[str, ...]
    """Those that the comparison is about; empty for all of the chapter's."""
    differences: tuple[TraitDifference, ...]
    """Of those traits that matter to these experiments."""
    options: tuple[str, ...]
    """What makes `repro run` compute these experiments as the user's stack does, dropout masks left aside: `--numerics
    keras2`, or a variation of the LSTM alone, `--vary sigmoid_gates`."""
    masks_unknown: bool
    """Whether dropout masks matter to the experiments, and nothing tells how the user's stack draws them."""

    @property
    def name(self) -> str:
        """`imdb_lstm`, or `imdb_lstm/model_one, model_two`."""
        return "/".join(filter(None, [self.chapter, ", ".join(self.experiments)]))


def traits(variant: Variant, optimizer: Optimizer) -> Traits:
    """What a stack computes with this optimizer."""
    place = variant.place if variant.place == "after correction" else f"{variant.place} the root"
    found = {
        "LSTM gates": GATES[variant.gates],
        "repeated words": "gradients summed, then squared" if variant.summed else "gradients squared one by one",
        f"{NAMES[optimizer]}'s epsilon": f"{variant.epsilon:g} {place}",
    }
    if optimizer == "adam":
        found["Adam's bias correction"] = "one step ahead" if variant.ahead else "of the same step"
        found["Adam, words not in a batch"] = "stay as they are" if variant.lazy else "move on"
    return found


def all_traits(what: Computed) -> Traits:
    """What a stack computes with any of the optimizers. Where these do not agree, what each does."""
    found = defaultdict[str, list[str]](list)
    for optimizer in OPTIMIZERS:
        for about, text in traits(what.variant(optimizer), optimizer).items():
            found[about].append(text)
    return {about: "; ".join(dict.fromkeys(texts)) for about, texts in found.items()}


def compared(chapter: Chapter, what: Computed, initial: InitialTraits, masks: Masks | None) -> list[Comparison]:
    """Compare what a user's stack computes, and its dropout masks if they are known, with a walkthrough's stack.

    Experiments for which the answer is the same are in one comparison. Those with other optimizers than the probe's are
    left out.
    """
    answers: dict[Comparison, list[str]] = defaultdict(list)
    for optimizer in OPTIMIZERS:
        names = [each.name for each in chapter.experiments if each.optimizer.lower() == optimizer]
        if names:
            answers[_compared(chapter, optimizer, what, initial, masks)] += names
    return [answer._replace(experiments=tuple(names) if len(answers) > 1 else ()) for answer, names in answers.items()]


def _compared(
    chapter: Chapter, optimizer: Optimizer, what: Computed, initial: InitialTraits, masks: Masks | None
) -> Comparison:
    here = traits(what.variant(optimizer), optimizer) | initial.traits
    by_option = {f"--numerics {numerics}": _computed(numerics, chapter) for numerics in NUMERICS}
    for variation in chapter.variations:
        if variation.lstm and not (variation.prepared or variation.built or variation.trained):
            by_option[f"--vary {variation.name}"] = _computed("source", chapter.varied(variation.name))
    by_traits = {
        option: traits(each.variant(optimizer), optimizer) | InitialTraits().traits
        for option, each in by_option.items()
    }
    there = by_traits["--numerics source"]
    differences = [TraitDifference(each, there[each], here[each]) for each in there if there[each] != here[each]]
    mask_per_gate = bool(chapter.lstm.get("mask_per_gate"))
    if mask_per_gate and masks == "a shared one":
        differences.append(TraitDifference("dropout masks", "one for each gate", "a shared one, by your versions"))
    return Comparison(
        chapter=chapter.name,
        experiments=(),
        differences=tuple(differences),
        options=tuple(option for option, its_traits in by_traits.items() if its_traits == here),
        masks_unknown=mask_per_gate and masks is None,
    )


def _computed(numerics: Numerics, chapter: Chapter) -> Computed:
    """What these numerics compute (the table in `repro.numerics`); `stock` as on TensorFlow, its default."""
    if numerics == "source":
        old = chapter.lstm["gates"] is hard_sigmoid
        return computed("keras2_hard_sigmoid" if old else "sigmoid", summed=True, rmsprop="outside")
    return computed("sigmoid", summed=numerics == "keras2", rmsprop="inside")
