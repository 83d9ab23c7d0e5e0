"""Groups of records that may stand in one table: of the same data, numerics, engine, epochs and variation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, get_args

from repro.chapter import Chapter
from repro.datasets.dataset import Provenance
from repro.datasets.description import Description
from repro.errors import RecordInvalid, RecordOutdated
from repro.evaluation import Evaluation, Split
from repro.records import Record, Results
from repro.runs.coverage import sentence
from repro.runs.run import settings

KINDS = {"real": "the real data", "sample": "a sample of the data", "embedded": "the embedded corpus"}
COPIES = {"rebuilt": "a rebuilt copy", "unverified": "not verified"}
"""What captions call the kinds of data, and the editions that need a word."""


def data_in_words(data: Provenance) -> str:
    """`the real data, a rebuilt copy`"""
    return ", ".join([KINDS[data.kind], *([COPIES[data.edition]] if data.edition in COPIES else [])])


@dataclass(frozen=True)
class RunGroup:
    """Records of one chapter made in one way, in the order of their experiments and seeds."""

    chapter: Chapter
    data: str
    """`real-original`, `real-rebuilt`, `embedded`, ..."""
    numerics: str
    engine: str
    """`fast`; `keras` on TensorFlow, `keras-jax`, `keras-torch`; `scikit-learn` for a classifier."""
    epochs: int | None
    """None if every experiment was trained for as long as in the source, or as the variation says."""
    variation: str
    """The name of what was changed in the experiments; empty for nothing."""
    records: tuple[Record, ...]
    """Empty only in `GroupedRecords.shown`, where there are runs of variations alone."""
    varied: tuple[RunGroup, ...] = ()
    """Of a group without a variation: the groups made in the same way but for a variation, in the chapter's order.
    Where there are none by the same engine, those by another."""
    plain: RunGroup | None = None
    """Of a group with a variation: the group made in the same way, by the same engine, without it, if there is one."""
    by_keras: RunGroup | None = None
    """Of a group by the fast engine, without a variation: the group made in the same way by Keras on TensorFlow."""
    description: Description | None = None
    """The data of the records as they were counted, if they were."""

    @property
    def name(self) -> str:
        """`real-rebuilt-source`, `embedded-source-keras-jax-2-epochs`."""
        engine = "" if self.engine == "fast" else f"-{self.engine}"
        epochs = f"-{self.epochs}-epochs" if self.epochs else ""
        return f"{self.data}-{self.numerics}{engine}{epochs}" + (f"-{self.variation}" if self.variation else "")

    @property
    def folder(self) -> Path:
        """Where its tables and figures go, under `tables` and `figures`."""
        return Path(self.chapter.name) / self.name

    @property
    def provenance(self) -> Provenance:
        """Where its data come from; those of its variations if it has no records."""
        return (self.records or self.varied[0].records)[0].data

    @property
    def comparable(self) -> bool:
        """Whether its numbers may stand beside printed ones: the complete real data, trained for as long, unchanged."""
        return self.provenance.kind == "real" and self.epochs is None and not self.variation

    @property
    def beside_source(self) -> bool:
        """Whether its claims may be judged and single numbers shown, with a caveat: as `comparable`, or on a sample."""
        return self.provenance.kind != "embedded" and self.epochs is None and not self.variation

    @property
    def caption(self) -> str:
        """One line that says what the numbers were made from."""
        data = self.provenance
        notes = [f"{data.train_rows + data.validation_rows:,} rows"] if data.kind == "sample" else []
        notes += [COPIES[data.edition]] if data.edition in COPIES else []
        copy = f" ({', '.join(notes)})" if notes else ""
        number = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        trained = f", {number} instead of the source's" if self.epochs else ""
        beside = "" if self.comparable else "; not to be compared with what the source printed"
        assumed = f"; assumed: {self.chapter.assumed}" if self.chapter.assumed else ""
        broken = [f"{r.experiment}, seed {r.seed}, in epoch {r.diverged.epoch}" for r in self.records if r.diverged]
        stopped = f"; stopped when the loss was no longer finite: {'; '.join(broken)}" if broken else ""
        lacking = (sentence(self.chapter, part, n) for r in self.records for part, n in r.incomplete.items())
        faults = "".join(f"; {fault}" for fault in dict.fromkeys(lacking))
        varied = f", varied: {self.chapter.variation(self.variation).change}" if self.variation else ""
        how = f"numerics {self.numerics}, engine {self.engine}{trained}{varied}{assumed}{stopped}{faults}"
        return f"{self.chapter.name} on {KINDS[data.kind]}{copy}, {how}{beside}"

    def printed(self, experiment: str, split: Split) -> Evaluation | None:
        """What the source printed of this experiment on this split, if it may stand beside these records."""
        result = self.chapter.result(experiment, split) if self.comparable else None
        return Evaluation(loss=result.loss, matrix=result.matrix) if result else None

    @property
    def and_varied(self) -> list[Record]:
        """Its records and those of its variations."""
        return [record for group in (self, *self.varied) for record in group.records]

    def only(self, stems: Collection[str]) -> RunGroup:
        """The group with the records of these names alone."""
        return replace(self, records=tuple(record for record in self.records if record.stem in stems))

    def of(self, experiment: str) -> list[Record]:
        """The records of one experiment, by seed."""
        return [record for record in self.records if record.experiment == experiment]

    def evaluated(self, experiment: str) -> list[Record]:
        """The records of one experiment that have results, by seed."""
        return [record for record in self.with_results if record.experiment == experiment]

    @property
    def with_results(self) -> list[Record]:
        """The records of runs that did not diverge."""
        return [record for record in self.records if record.evaluation]

    @property
    def splits(self) -> list[Split]:
        """What those runs were evaluated on, in the order of `Split`."""
        evaluated = self.with_results
        return [split for split in get_args(Split) if evaluated and split in evaluated[0].evaluation]

    @property
    def held_out(self) -> list[Split]:
        """The splits besides `train`."""
        return [split for split in self.splits if split != "train"]


Making = tuple[str, str, str, int | None, str]
"""Data, numerics, engine, epochs, variation: the first fields of a `RunGroup`."""


def group_records(
    chapter: Chapter, records: Iterable[Record], descriptions: Iterable[Description] = ()
) -> tuple[list[RunGroup], list[RecordOutdated]]:
    """The records in groups, ordered by name; and an error for each that this version of the suite would not make.

    Such a record was made with other settings or another embedded corpus than the chapter has now: its numbers must not
    be averaged with newer ones.
    """
    now = _Now(chapter)
    by_making: dict[Making, list[Record]] = defaultdict(list)
    left_out: list[RecordOutdated] = []
    for record in records:
        if fault := now.outdated(record):
            left_out.append(RecordOutdated(f"{record.stem}: {fault}"))
            continue
        made = record.settings
        epochs = None if made.epochs == now.epochs[record.variation, record.experiment] else made.epochs
        by_making[record.data.label, made.numerics, record.engine, epochs, record.variation].append(record)

    order = {experiment.name: place for place, experiment in enumerate(chapter.experiments)}
    made_alike = []
    for making, members in sorted(by_making.items(), key=lambda group: str(group[0])):
        newest = max(members, key=lambda record: record.when).data.sha256
        left_out += [
            RecordOutdated(f"{record.stem}: its {record.data.label} data are not those of the newest record")
            for record in members
            if record.data.sha256 != newest
        ]
        current = [record for record in members if record.data.sha256 == newest]
        current.sort(key=lambda record: (order[record.experiment], record.seed))
        made_alike.append(RunGroup(chapter, *making, tuple(current)))
    for group in [each for each in made_alike if _on_other_data(each, made_alike)]:
        made_alike.remove(group)
        left_out += [
            RecordOutdated(f"{record.stem}: its {record.data.label} data are not those of the runs without a variation")
            for record in group.records
        ]
    of_data = {description.data.sha256: description for description in descriptions}
    described = [replace(each, description=of_data.get(each.provenance.sha256)) for each in made_alike]
    beside_plain = [replace(each, plain=_plain(each, described)) for each in described]
    with_varied = [replace(each, varied=_varied(each, beside_plain)) for each in beside_plain]
    return [replace(each, by_keras=_by_keras(each, with_varied)) for each in with_varied], left_out


class _Now:
    """What this version of the suite would make of a chapter's experiments."""

    def __init__(self, chapter: Chapter) -> None:
        self.plain = chapter
        self.chapters = {"": chapter} | {each.name: chapter.varied(each.name) for each in chapter.variations}
        self.experiments = {
            (name, experiment.name): experiment
            for name, varied in self.chapters.items()
            for experiment in varied.experiments
        }
        self.epochs = {key: experiment.epochs for key, experiment in self.experiments.items()}

    def outdated(self, record: Record) -> str:
        """Why a record would not be made like this now; empty if it would."""
        experiment = self.experiments.get((record.variation, record.experiment))
        made = record.settings
        if experiment is None:
            varied = f", {record.variation}" if record.variation else ""
            return f"{self.plain.name} no longer has {record.experiment}{varied}"
        chapter = self.chapters[record.variation]
        if made != settings(chapter, experiment, made.numerics, made.epochs):
            return f"made with settings that {chapter.name} no longer has"
        if record.data.preparation is None:
            return "it does not say how its texts were prepared"
        if record.data.preparation != chapter.preparation:
            return "its texts were prepared in another way than this suite prepares them now"
        return ""


class GroupedRecords(NamedTuple):
    """What a folder of results has of a chapter."""

    groups: list[RunGroup]
    outdated: list[RecordOutdated]
    """An error for each record that this version of the suite would not make."""
    unreadable: list[RecordInvalid]
    """An error for each file that is no record, or no description of data."""

    @property
    def shown(self) -> list[RunGroup]:
        """What gets tables and figures: the groups without a variation, which show their variations too.

        Variations that no such group has, because nobody made their plain runs, are in groups without records.
        """
        shown = [group for group in self.groups if not group.variation]
        names = {varied.name for group in shown for varied in group.varied}
        alone = [group for group in self.groups if group.variation and group.name not in names]
        while alone:
            bare = replace(alone[0], variation="", records=(), varied=(alone[0],), description=None)
            shown.append(replace(bare, varied=_varied(bare, alone)))
            names = {varied.name for varied in shown[-1].varied}
            alone = [group for group in alone if group.name not in names]
        return shown


def read_groups(chapter: Chapter, results: Results) -> GroupedRecords:
    """The `RunGroup`s of the records in a folder, with the data as they were counted there."""
    records, not_records = results.records(chapter.name)
    descriptions, not_descriptions = results.descriptions(chapter.name)
    return GroupedRecords(*group_records(chapter, records, descriptions), [*not_records, *not_descriptions])


def main_group(groups: Sequence[RunGroup]) -> RunGroup | None:
    """The group that speaks for a chapter: on the source's data and numerics if there is one, with most runs."""
    return max(
        groups,
        key=lambda each: (
            *(each.comparable, each.beside_source, each.numerics == "source", len(each.records), each.engine == "fast"),
        ),
        default=None,
    )


def _on_other_data(group: RunGroup, groups: Iterable[RunGroup]) -> bool:
    """Whether the runs without a variation beside a group with one are all of another copy or sample of the data."""
    how = group.data, group.numerics, group.epochs
    plain = [each for each in groups if not each.variation and (each.data, each.numerics, each.epochs) == how]
    return bool(group.variation and plain) and not any(_made_alike(group, each) for each in plain)


def _made_alike(group: RunGroup, other: RunGroup) -> bool:
    """Whether two groups differ in their engines and variations alone."""
    made, others = ((each.data, each.provenance.source_sha256, each.numerics, each.epochs) for each in (group, other))
    return made == others


def _plain(group: RunGroup, groups: Iterable[RunGroup]) -> RunGroup | None:
    """What a group with a variation has as `RunGroup.plain`."""
    if not group.variation:
        return None
    same = (each for each in groups if not each.variation and each.engine == group.engine)
    return next((each for each in same if _made_alike(group, each)), None)


def _by_keras(group: RunGroup, groups: Iterable[RunGroup]) -> RunGroup | None:
    """What a group has as `RunGroup.by_keras`."""
    if group.engine != "fast" or group.variation:
        return None
    others = (each for each in groups if each.engine == "keras" and not each.variation)
    return next((each for each in others if _made_alike(group, each)), None)


def _varied(group: RunGroup, groups: Iterable[RunGroup]) -> tuple[RunGroup, ...]:
    """The groups that differ from one without a variation in their variation alone, in the order of the chapter's.

    Of a variation that the group's engine did not make, those of another engine.
    """
    if group.variation:
        return ()
    alike = [each for each in groups if each.variation and _made_alike(group, each)]
    varied = []
    for variation in group.chapter.variations:
        same = [each for each in alike if each.variation == variation.name]
        same.sort(key=lambda each: (each.engine != group.engine, each.engine))
        varied += same[:1]
    return tuple(varied)


def seeds(records: Sequence[Record]) -> str:
    """`seed 1` or `3 seeds`."""
    different = {record.seed for record in records}
    return f"seed {records[0].seed}" if len(different) == 1 else f"{len(different)} seeds"
