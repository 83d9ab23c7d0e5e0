"""Confusion matrices as tables with shaded cells, as R's `table(Predicted, Actual)`: rows predicted, columns actual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from markupsafe import Markup

from repro.evaluation import Split
from repro.evidence.run_groups import RunGroup, seeds
from repro.metrics import Matrix
from repro.records import Record
from repro.report.page.drawing_set import Drawing, DrawingSet

SHADES = 20
"""Cells of shares up to 1/20, 2/20, ... have the classes `shade1`, `shade2`, ... in `drawn.css`; of 0, `shade0`."""

ROOM, ROOM_OF_COUNT = 36, 6
"""Characters beside one another in a row of heads, and those that a column takes at least."""

PRINTED = Markup(' <small class="printed">printed {}</small>')


def matrices(group: RunGroup) -> DrawingSet | None:
    """A matrix for each model and split; where a text can have several labels, one table of all labels for each."""
    made = _of_label if group.chapter.labels else _of_classes
    drawings = [
        made(group, experiment.name, records, split)
        for experiment in group.chapter.experiments
        if (records := group.evaluated(experiment.name))
        for split in group.splits
    ]
    if not drawings:
        return None
    printed = " Below them, what the source printed." if any('"printed"' in each.html for each in drawings) else ""
    note = (
        "The mean number of rows over our runs, and the share of the rows of that actual class, which is also the "
        f"shade: each column adds up to 100 %.{printed}"
    )
    if group.chapter.labels:
        note = (
            "For each label, the mean number of texts over our runs without it and with it, by what is predicted; and "
            "the share of the texts that are actually so, which is also the shade."
        )
    return DrawingSet("matrices", "Confusion matrices", note, tuple(drawings))


def _of_classes(group: RunGroup, experiment: str, records: Sequence[Record], split: Split) -> Drawing:
    names = group.chapter.classes
    means = _means([record.evaluation[split].matrix for record in records])
    result = group.printed(experiment, split)
    printed = result.matrix if result else None
    rows = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup().join(_cells(means, row, printed[row] if printed else None))
        )
        for row, name in enumerate(names)
    ]
    head = Markup(
        '<tr><td></td><th scope="colgroup" colspan="{}">actual</th></tr><tr><th scope="col">predicted</th>{}</tr>'
    ).format(len(names), _headers(names))
    return Drawing(f"{experiment}, {split}", _table(f"{seeds(records)}: rows predicted, columns actual", head, rows))


def _of_label(group: RunGroup, experiment: str, records: Sequence[Record], split: Split) -> Drawing:
    """A row for each label: what is predicted of the texts without it, and of those with it."""
    no, yes = group.chapter.classes
    rows = []
    for label in group.chapter.labels:
        means = _means([record.evaluation[split].labels[label].matrix for record in records])
        columns = zip(*(_cells(means, row, None) for row in range(2)), strict=True)
        cells = Markup().join(cell for column in columns for cell in column)
        rows.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(label, cells))
    head = Markup(
        '<tr><td></td><th scope="colgroup" colspan="2">actual {}</th>'
        '<th scope="colgroup" colspan="2">actual {}</th></tr><tr><th scope="col">predicted</th>{}{}</tr>'
    ).format(no, yes, *[_headers((no, yes))] * 2)
    return Drawing(f"{experiment}, {split}, by label", _table(f"{seeds(records)}, each label by itself", head, rows))


def _means(matrices: Sequence[Matrix]) -> list[list[float]]:
    """The mean of each cell over several matrices."""
    return [[fmean(cells) for cells in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def _cells(means: Sequence[Sequence[float]], row: int, printed: Sequence[int] | None) -> Iterator[Markup]:
    """The cells of a row: number, share of the column, and the printed number."""
    for column, mean in enumerate(means[row]):
        actual = sum(each[column] for each in means)
        share = mean / actual if actual else 0.0
        source = Markup() if printed is None else PRINTED.format(f"{printed[column]:,}")
        yield Markup('<td class="shade{}">{} <small>{}</small>{}</td>').format(
            -int(-share * SHADES // 1), _count(mean), f"{share:.1%}" if actual else "", source
        )


def _count(mean: float) -> str:
    """A mean of counts, as a whole number unless it is small."""
    return f"{mean:,.0f}" if mean >= 10 or mean == int(mean) else f"{mean:.1f}"


def _headers(names: Sequence[str]) -> Markup:
    """The heads of columns; of many, or of long ones, the words go upwards."""
    upright = Markup(' class="upright"') if sum(max(len(name), ROOM_OF_COUNT) for name in names) > ROOM else ""
    return Markup().join(Markup('<th scope="col"{}>{}</th>').format(upright, name) for name in names)


def _table(caption: str, head: Markup, rows: Iterable[Markup]) -> Markup:
    body = Markup().join(rows)
    form = Markup('<table class="matrix"><caption>{}</caption><thead>{}</thead><tbody>{}</tbody></table>')
    return form.format(caption, head, body)
