"""Says in words, and as data for programs, what a probe shows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from repro.chapter import Chapter
from repro.fingerprint.chapter_traits import NAMES, Comparison, InitialTraits, Traits, all_traits, compared, traits
from repro.fingerprint.known_stacks import KnownStack, Masks, Software, computing, known_as, masks_of
from repro.fingerprint.matching import LIMIT, Match, OptimizerMatch, match
from repro.fingerprint.probe_file import ProbeOutput
from repro.fingerprint.probe_start import EPOCHS
from repro.fingerprint.variants import OPTIMIZERS, Computed
from repro.report.table import WIDTH

_FORMULAS = {
    "sigmoid": "sigmoid, 1 / (1 + exp(-x))",
    "Keras 2's hard_sigmoid": "Keras 2's hard_sigmoid, clip(0.2 x + 0.5, 0, 1)",
    "Keras 3's hard_sigmoid": "Keras 3's hard_sigmoid, clip(x / 6 + 0.5, 0, 1)",
}

_CHANCE = (
    "With these versions, some variables are read while others are being written. So Adam's bias correction is of the "
    "same step or one step ahead by chance, other steps may differ too, and two runs of the probe need not be equal."
)
_WALKTHROUGHS = (
    "Is your software why your numbers differ from those of a walkthrough? What yours computes, beside the "
    "walkthrough's stack as this suite computes it:"
)
_MATTERS = (
    '"Not the same" does not yet mean that it matters. Whether such a difference shows in results: give your numbers '
    "to `repro judge` (docs/numbers.md)."
)
_MASKS_UNKNOWN = (
    "the same, as far as this shows. Your versions do not tell whether your LSTM draws dropout masks as the "
    "walkthrough's does, one for each gate"
)
_REPORT = (
    "Please report it to this project: open an issue and attach the file that you gave to this command. It holds "
    "versions and numbers, and nothing else about you or your machine."
)


@dataclass(frozen=True)
class Fingerprint:
    """What a probe shows about the stack that it ran on."""

    probe: ProbeOutput
    software: Software
    match: Match
    expected: KnownStack | None
    """What is known of these versions."""
    masks: Masks | None
    """How its LSTM likely draws dropout masks; None if nothing tells."""

    @classmethod
    def of(cls, probe: ProbeOutput) -> Fingerprint:
        """Find what agrees with a probe."""
        software = Software.of(probe)
        return cls(probe, software, match(probe), known_as(software), masks_of(probe))

    @property
    def initial(self) -> InitialTraits:
        """What it says of itself before it trains."""
        return InitialTraits.of(self.probe)

    @property
    def stacks(self) -> list[KnownStack]:
        """The known stacks that compute alike; first that of the user's own versions, if it does."""
        if self.initial.forget_bias != InitialTraits().forget_bias:
            return []
        found = [stack for what in self.match.computed for stack in computing(what)]
        own = [self.expected] if self.expected and {*self.match.computed} & {*self.expected.computed} else []
        return list(dict.fromkeys([*own, *found]))

    @property
    def as_expected(self) -> bool:
        """Whether it computes what is known of its versions."""
        return self.expected in self.stacks

    @property
    def by_chance(self) -> bool:
        """Whether its versions are known to compute differently from run to run."""
        return self.expected is not None and len(self.expected.computed) > 1

    def comparisons(self, chapters: Sequence[Chapter]) -> list[Comparison]:
        """Beside the walkthroughs' stacks; empty unless one way of computing agrees."""
        if len(self.match.computed) != 1:
            return []
        what = self.match.computed[0]
        return [each for chapter in chapters for each in compared(chapter, what, self.initial, self.masks)]


def in_words(found: Fingerprint, chapters: Sequence[Chapter]) -> str:
    """What a user reads."""
    return "\n".join(_lines(found, chapters))


def as_data(found: Fingerprint, chapters: Sequence[Chapter]) -> dict[str, Any]:
    """The same for programs, in plain values."""
    return {
        "software": found.software._asdict() | {"name": found.software.name, "language": found.probe.language},
        "computes": [_data_of(what) for what in found.match.computed],
        "as_known_of_these_versions": found.as_expected if found.expected else None,
        "by_chance": found.by_chance,
        "known_stacks": [stack.name for stack in found.stacks],
        "forget_bias": found.probe.forget_bias,
        "dropout_masks": found.masks,
        "limit": LIMIT,
        "nearest": {
            one.optimizer: {
                "distance": one.nearest.distance,
                "next_distance": one.next_distance,
                "parts": None if one.nearest.agrees else one.nearest.parts,
                **one.nearest.variant._asdict(),
            }
            for one in found.match
        },
        "walkthroughs": [
            {
                "chapter": each.chapter,
                "experiments": list(each.experiments) or "all",
                "differences": [difference._asdict() for difference in each.differences],
                "dropout_masks_unknown": each.masks_unknown,
                "run": list(each.options),
                "judge": _for_judge(each),
            }
            for each in found.comparisons(chapters)
        ],
    }


def _data_of(what: Computed) -> dict[str, Any]:
    return {optimizer: what.variant(optimizer)._asdict() for optimizer in OPTIMIZERS}


def _lines(found: Fingerprint, chapters: Sequence[Chapter]) -> Iterator[str]:
    yield f"Your stack: {found.software.name}, called from {found.probe.language}"
    if found.initial.floatx != "float32":
        yield f"Your Keras is configured to compute in {found.initial.floatx}, not in float32."
    yield ""
    if not found.match.computed:
        yield from _unknown(found)
        return
    if comparisons := found.comparisons(chapters):
        yield from _wrapped(_WALKTHROUGHS)
        for each in comparisons:
            yield from _comparison(each)
        if any(each.differences for each in comparisons):
            yield from _wrapped(_MATTERS)
        yield ""
    yield from _wrapped(_headline(found))
    for number, what in enumerate(found.match.computed):
        if number:
            yield "or"
        yield from _listed(_shown(all_traits(what)) | {"forget gate": _forget_bias(found.initial)})
    yield from _wrapped(_agreement(found.match))
    if not found.stacks or (found.expected and not found.as_expected):
        yield from _wrapped(_REPORT)
    if found.by_chance:
        yield from _wrapped(_CHANCE)
    if others := [stack.name for stack in found.stacks if stack != found.expected]:
        yield from ("", f"{'So do' if found.as_expected else 'Known stacks that compute like this'}:")
        yield from (f"  {name}" for name in others)
    yield from ("", *_wrapped(_masks(found.masks)))


def _headline(found: Fingerprint) -> str:
    if found.as_expected and found.expected:
        return f"Your LSTM computes as {found.expected.name} is known to compute:"
    if found.expected:
        return (
            f"Your LSTM does not compute as {found.expected.name} is known to compute. Your versions may be mixed, or "
            "something changes what they do. It has:"
        )
    if found.stacks:
        return "These versions are not in our table. Your LSTM computes like others that are. It has:"
    return "No known stack computes like yours, but we know how it does. It has:"


def _shown(its_traits: Traits) -> Traits:
    return {about: _FORMULAS.get(text, text) for about, text in its_traits.items()}


def _forget_bias(initial: InitialTraits) -> str:
    known = initial.forget_bias == InitialTraits().forget_bias
    return initial.traits["forget gate"] + ("" if known else "; in all known stacks at 1")


def _agreement(matched: Match) -> str:
    apart = " and ".join(f"{one.nearest.distance:.0e} with {NAMES[one.optimizer]}" for one in matched)
    others = " and ".join(f"{one.next_distance:.0e}" for one in matched)
    return (
        f"All losses of {EPOCHS} epochs and all weights after them agree: to {apart}. That is rounding; the next way "
        f"of computing is {others} away."
    )


def _comparison(comparison: Comparison) -> Iterator[str]:
    yield from _indented(f"{comparison.name}: {_answer(comparison)}", 2)
    for about, there, here in comparison.differences:
        yield from _indented(f"{about}: {there}; yours: {here}", 4)
    if comparison.differences and comparison.options:
        yield from _indented(_commands(comparison), 4)


def _answer(comparison: Comparison) -> str:
    if comparison.differences:
        return "not the same" if comparison.options else "not the same; no option of `repro run` computes like yours"
    return _MASKS_UNKNOWN if comparison.masks_unknown else "the same, so this is not why your numbers differ"


def _commands(comparison: Comparison) -> str:
    """What runs and what judges as the user's stack computes; one way is enough."""
    chapter, names = comparison.chapter, comparison.experiments
    run = f"`repro run {chapter}{f'/{names[0]}' if len(names) == 1 else ''} {comparison.options[0]}`"
    masks = comparison.masks_unknown or any(each.about == "dropout masks" for each in comparison.differences)
    judge = "".join(f"; to judge: `repro judge ... {option}`" for option in _for_judge(comparison)[:1])
    return f"like yours{', dropout masks aside' * masks}: {run}{judge}"


def _for_judge(comparison: Comparison) -> list[str]:
    """Those of the options that `repro judge` has too."""
    return [option for option in comparison.options if option.startswith("--numerics")]


def _masks(masks: Masks | None) -> str:
    likely = f"by its versions, your LSTM draws {masks}" if masks else "your versions do not tell how it draws them"
    return f"Losses without dropout cannot show an LSTM's dropout masks: {likely}."


def _unknown(found: Fingerprint) -> Iterator[str]:
    if found.by_chance:
        yield from _wrapped(f"{_CHANCE} So yours agree with no way of computing in all steps. The nearest:")
    else:
        yield "Your LSTM computes in a way that we do not know. The nearest ways that we know:"
    for one in found.match:
        yield f"{NAMES[one.optimizer]}:"
        yield from _listed(_nearest(one))
    if not found.by_chance:
        yield from ("", *_wrapped(_REPORT))
    yield from ("", *_wrapped(_masks(found.masks)))


def _nearest(one: OptimizerMatch) -> Mapping[str, str]:
    near = one.nearest
    about = _shown(traits(near.variant, one.optimizer))
    if near.agrees:
        return about | {"distance": f"{near.distance:.0e}: it agrees"}
    return about | {"distance": f"{near.distance:.0e}; rounding explains {LIMIT:.0e}", "it parts": near.parts}


def _listed(lines: Mapping[str, str]) -> Iterator[str]:
    widest = max(map(len, lines))
    for name, text in lines.items():
        yield from _wrapped(text, f"  {name:<{widest}}  ", " " * (widest + 4))


def _indented(text: str, by: int) -> Iterator[str]:
    """The first line by so many characters, the others by four more."""
    yield from _wrapped(text, " " * by, " " * (by + 4))


def _wrapped(text: str, first: str = "", further: str = "") -> Iterator[str]:
    yield textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=further, break_on_hyphens=False)
