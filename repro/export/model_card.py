"""The card that goes with a trained model: what it is, what it was made of, how well it does, where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import PurePosixPath
from statistics import fmean

from jinja2 import Environment, StrictUndefined
from tabulate import tabulate

from repro.chapter import Chapter
from repro.datasets.corpora import FILES
from repro.datasets.dataset import Provenance
from repro.evaluation import Split
from repro.evidence.intervals import COVERAGE, FEWEST, deviation, finite, prediction_interval
from repro.evidence.run_groups import COPIES, KINDS, read_groups
from repro.export.model_files import ONNX, OPSET
from repro.export.text_rules import TextRules
from repro.numerics import SOFTWARE
from repro.records import Record, Results
from repro.report.quantities import LOSS, MAJORITY, Measure, measures_of
from repro.runs.coverage import sentence

LOADERS = files("repro.export").joinpath("loaders")
"""The folder of what is written beside a model as it is, and of the card's template."""


def model_card(
    chapter: Chapter,
    record: Record,
    results: Results,
    rules: TextRules,
    *,
    outputs: int,
    differences: Mapping[str, float],
    versions: Mapping[str, str],
) -> str:
    """The card, in Markdown.

    results: the folder whose other records of the same experiment give the intervals.
    outputs: how many probabilities the network gives for a text.
    differences: by file, how far a probability was from the trained model's, at most.
    versions: of what the files were written with.
    """
    others = _others(chapter, record, results)
    epochs = "1 epoch" if record.settings.epochs == 1 else f"{record.settings.epochs} epochs"
    rate = record.settings.learning_rate
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)
    template = LOADERS.joinpath("model_card.md.jinja").read_text(encoding="utf-8")
    return environment.from_string(template).render(
        chapter=chapter,
        record=record,
        rules=rules,
        outputs=_outputs(rules, outputs),
        opset=OPSET,
        agreement=_agreement(differences),
        has_vocabulary=rules.numbers != "md5",
        task=_task(chapter),
        rate="" if rate is None else f" at {rate}",
        epochs=epochs,
        held_out=_held_out(record),
        software=SOFTWARE[record.settings.numerics],
        data=_data(record.data),
        rows=_rows(record.data),
        measures_caption=_measures_caption(others),
        measures=_measures(chapter, record, others),
        baseline=_baseline(chapter, record),
        limits=list(_limits(chapter, record, rules)),
        licence=_licence(record.data),
        trained_with=_versions(record.versions),
        written_with=_versions(versions),
    )


def _others(chapter: Chapter, record: Record, results: Results) -> list[Record]:
    """The records of other seeds that were made as this one was and have results."""
    groups = read_groups(chapter, results).groups
    group = next((each for each in groups if record.stem in {one.stem for one in each.records}), None)
    return [] if group is None else [one for one in group.evaluated(record.experiment) if one.seed != record.seed]


def _agreement(differences: Mapping[str, float]) -> str:
    found = ", ".join(f"`{name}` {shown(difference)}" for name, difference in differences.items())
    unchecked = "" if ONNX in differences else f" `{ONNX}` was not checked: onnxruntime was not installed."
    return f"Probabilities differ from the trained model's, on texts of all kinds, by at most: {found}.{unchecked}"


def shown(difference: float) -> str:
    """`6e-08`, or `0`."""
    return f"{difference:.0e}" if difference else "0"


def _task(chapter: Chapter) -> str:
    if chapter.labels:
        return f"which of these labels a text has, if any: {', '.join(chapter.labels)}"
    return f"which of these classes a text is of: {', '.join(chapter.classes)}"


def _outputs(rules: TextRules, outputs: int) -> str:
    of = rules.names[1:] if outputs == 1 else rules.names
    return f"`(texts, {outputs})` float32, of: {', '.join(of)}"


def _held_out(record: Record) -> str:
    if record.data.validation_rows:
        return f"{record.data.validation_rows:,} rows, drawn at random"
    share = record.settings.validation_split
    return f"the last {share:.0%} of the training rows" if share else "nothing"


def _data(data: Provenance) -> str:
    if data.kind == "embedded":
        return "**It was trained on a small corpus that lstm-walkthroughs generates. It is of no use on real texts.**"
    copy = f" ({COPIES[data.edition]})" if data.edition in COPIES else ""
    trained = f"It was trained on {KINDS[data.kind]}{copy}."
    return f"**{trained}**" if data.kind == "sample" else trained


def _rows(data: Provenance) -> str:
    counts = {"to train on": data.train_rows, "held out": data.validation_rows, "to test on": data.test_rows}
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def _measures_caption(others: Sequence[Record]) -> str:
    if len(others) < FEWEST:
        return (
            f"Of this run alone. How much another seed would change is not known: fewer than {FEWEST} runs with other "
            "seeds were at hand. Rates are in percent."
        )
    return (
        f"Beside this run stand {len(others)} others that differ in their seed alone: mean ± standard deviation, and "
        f"Student's interval in which one more run lies with a probability of {COVERAGE:.0%}. Rates are in percent."
    )


def _measures(chapter: Chapter, record: Record, others: Sequence[Record]) -> str:
    """A table of this run's numbers, and those of the others if there are enough."""
    headers = ["rows", "measure", "this run", *(["other seeds", "one more run"] if len(others) >= FEWEST else [])]
    lines = [
        [
            split,
            measure.name,
            measure.shown([evaluation]),
            *_over_seeds(measure, [other.evaluation[split] for other in others]),
        ]
        for split, evaluation in record.evaluation.items()
        for measure in measures_of(chapter)
        if measure is not MAJORITY and measure.numbers([evaluation]) == finite(measure.numbers([evaluation]))
    ]
    return str(tabulate(lines, headers, "pipe", disable_numparse=True))


def _over_seeds(measure: Measure, evaluations: Iterable[object]) -> list[str]:
    """Mean ± deviation, and the interval for one more run; nothing for too few."""
    numbers = finite(measure.numbers(list(evaluations)))
    if len(numbers) < FEWEST:
        return []
    low, high = prediction_interval(numbers)
    low, high = max(low, 0.0), high if measure is LOSS else min(high, 1.0)
    scale, places = (100, 2) if measure.rate else (1, 4)
    average, spread = scale * fmean(numbers), scale * deviation(numbers)
    return [f"{average:.{places}f} ± {spread:.{places}f}", f"{scale * low:.{places}f} to {scale * high:.{places}f}"]


def _baseline(chapter: Chapter, record: Record) -> str:
    answer = "saying no to every label" if chapter.labels else "always giving the most frequent class"
    shares = (f"{MAJORITY.shown([evaluation])} % ({split})" for split, evaluation in record.evaluation.items())
    return f"For comparison, the accuracy of {answer}: {', '.join(shares)}."


def _limits(chapter: Chapter, record: Record, rules: TextRules) -> Iterator[str]:
    end = "last" if rules.truncating == "pre" else "first"
    yield f"Longer texts: a row has {rules.maxlen:,} numbers, those of the {end} words, and the others have no effect."
    if rules.numbers == "md5":
        yield f"Rare words: words share {rules.num_words - 1:,} numbers, so different words may be the same to it."
    else:
        fate = "are left out" if rules.unknown is None else "are all the same to it"
        yield f"Rare words: numbers go up to {rules.num_words - 1:,}, one for each frequent word; others {fate}."
    yield "Texts without a word that it knows: all of them get the same probabilities. `load.py` gives no answer."
    if silent := _never_given(chapter, record):
        yield f"Finding {', '.join(silent)}: none of the {_headline(chapter, record)} rows got this answer."
    yield "Other kinds of texts, and other languages: it was measured on texts like those of its training alone."
    yield (
        "Decisions about people: nobody measured whether its probabilities are right on average, or whether it is "
        "as often right about what different people write."
    )
    yield "Exact comparisons with the source's own run: this is one seed, and another seed gives other weights."
    if chapter.assumed:
        yield f"Conclusions about what the source leaves open; assumed here: {chapter.assumed}."
    for part, count in record.incomplete.items():
        yield f"Classes that it has not seen: {sentence(chapter, part, count)}."
    yield "Training on: the files have no state of the optimizer, and Keras would not compute as it did in training."


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items()) or "not recorded"


def _headline(chapter: Chapter, record: Record) -> Split:
    """What the source evaluates on, if this run was evaluated there; otherwise the training rows."""
    return chapter.headline if chapter.headline in record.evaluation else "train"


def _never_given(chapter: Chapter, record: Record) -> list[str]:
    """The classes or labels that are the answer for none of the rows of the headline."""
    evaluation = record.evaluation[_headline(chapter, record)]
    if chapter.labels:
        return [name for name, label in evaluation.labels.items() if not sum(label.matrix[1])]
    return [name for name, predicted in zip(chapter.classes, evaluation.matrix, strict=True) if not sum(predicted)]


def _licence(data: Provenance) -> str:
    if data.kind == "embedded":
        return "So are the texts that the network was trained on."
    places = dict.fromkeys(file.url for file in FILES if PurePosixPath(file.path).parts[0] == data.name and file.url)
    return (
        "The network and its vocabulary come from texts of others, whose terms apply to what you do with them: "
        f"{', '.join(places)}"
    )
