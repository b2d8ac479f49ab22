"""What kind of values a column holds, and how they are written so that every participant's sandbox reads the same."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from synergos.findings import Finding
from synergos.participant.prepare import dates, numbers
from synergos.participant.prepare.texts import Texts, Undecided, is_mark, quoted, shortened

Kind = Literal["number", "category", "truth", "date"]

# A column is of a kind when more of its values than these are.
_LEAST_SHARE = 0.9
# Below so many rows, a value for each says nothing.
_FEWEST_ROWS = 10
_NAMED = 3
_TRUTHS = {"true": "True", "false": "False"}


@dataclass(frozen=True)
class Choices:
    """What is known before a column is looked at.

    Attributes:
        missing: Values that stand for a gap, in any column.
        decimal: The decimal mark that was given.
        usual_decimal: The decimal mark of what may be read in two ways; empty when nothing tells.
        date_order: The order of year, month and day that was given.
        usual_order: The order of dates that may be read in two ways.
    """

    missing: Collection[str] = ()
    decimal: str = ""
    usual_decimal: str = ""
    date_order: dates.Order | None = None
    usual_order: dates.Order | None = None


@dataclass(frozen=True)
class Column:
    """A column as it is written.

    Attributes:
        name: Its name in what is written.
        source: Its name in what was given.
        kind: What it holds.
        values: Its values; gaps are missing.
        findings: What was decided, and what is to be known of it.
        order: Of dates, the order that the values themselves prove.
    """

    name: str
    source: str
    kind: Kind
    values: "pd.Series[float] | pd.Series[str]"
    findings: tuple[Finding, ...] = ()
    order: dates.Order | None = None

    @property
    def dtype(self) -> str:
        """Its dtype in schema.json, one that a real worker's pandas can give it."""
        has_gaps = bool(self.values.isna().any())
        if self.kind in ("number", "date"):
            is_whole = pd.api.types.is_integer_dtype(self.values.dtype)
            return "int64" if is_whole and not has_gaps else "float64"
        return "bool" if self.kind == "truth" and not has_gaps else "category"

    @property
    def gaps(self) -> int:
        """How many rows have no value."""
        return int(self.values.isna().sum())

    @property
    def categories(self) -> int | None:
        """How many different values there are; None for numbers."""
        return None if self.kind in ("number", "date") else int(self.values.nunique())


def weigh(texts: Texts, missing: Collection[str]) -> numbers.Evidence:
    """See which decimal mark a column of text proves, if it holds numbers."""
    held = _candidates(texts, missing)
    bare, _, odd = numbers.take_units_off([texts.uniques[index] for index in held])
    return numbers.Evidence() if odd else numbers.weigh(bare)


def read_text(texts: Texts, choices: Choices) -> Column:
    """Tell what a column of text holds.

    Args:
        texts: The column.
        choices: What is known before.

    Returns:
        The column as it is written.

    Raises:
        Undecided: Its values can be read in two ways.
    """
    held = texts.held(choices.missing)
    values = [value for value, is_held in zip(texts.uniques, held, strict=True) if is_held]
    if values and all(value.casefold() in _TRUTHS for value in values):
        return _truths(texts, held)
    candidates = _candidates(texts, choices.missing)
    if any(character.isdigit() for index in candidates for character in texts.uniques[index]):
        are_compact = dates.are_compact([texts.uniques[index] for index in candidates])
        in_turn = (_dates, _numbers) if are_compact else (_numbers, _dates)
        for read in in_turn:
            if (found := read(texts, candidates, choices)) is not None:
                return found
    return read_categories(texts, held)


_AS_NUMBERS = "A network takes numbers; the same zero for all participants keeps them comparable."


def _candidates(texts: Texts, missing: Collection[str]) -> list[int]:
    """The values that are neither a gap nor a mark of a missing number."""
    held = texts.held(missing)
    return [index for index, value in enumerate(texts.uniques) if held[index] and not is_mark(value)]


def _truths(texts: Texts, held: npt.NDArray[np.bool_]) -> Column:
    written = np.array([_TRUTHS.get(value.casefold()) for value in texts.uniques], object)
    spellings = sorted(value for value, is_held in zip(texts.uniques, held, strict=True) if is_held)
    where = f"column {texts.name!r}"
    told: tuple[Finding, ...] = ()
    if len({value.casefold() for value in spellings}) < len(spellings):
        told = (
            Finding(
                "info",
                f"{', '.join(spellings)} became True and False.",
                where,
                "One truth spelt in two ways would be two categories.",
                "Nothing.",
            ),
        )
    return Column(texts.name, texts.name, "truth", pd.Series(written[texts.codes], dtype=object), told)


def _numbers(texts: Texts, candidates: Sequence[int], choices: Choices) -> Column | None:
    """The column as numbers, if that is what most of its values are."""
    where, counts = f"column {texts.name!r}", texts.counts[candidates]
    bare, unit, odd = numbers.take_units_off([texts.uniques[index] for index in candidates])
    evidence = numbers.weigh(bare)
    decimal = choices.decimal or evidence.decimal or (choices.usual_decimal if evidence.doubtful else ".")
    found = numbers.parse(bare, decimal or ".")
    strays = ~np.isfinite(found)
    swapped = np.zeros(len(bare), np.bool_)
    others = [value for value, is_stray in zip(bare, strays, strict=True) if is_stray]
    swapped[strays] = np.isfinite(numbers.parse(others, "." if decimal == "," else ","))
    if odd and _most([value[-1:].isdigit() or value[:1].isdigit() for value in bare], counts):
        raise Undecided(
            f"{where} holds numbers with {str(unit)!r} and others without it, such as "
            f"{texts.example(texts.uniques.index(odd))}: bring them to one unit, or drop it"
        )
    if not _most(~strays | swapped, counts):
        return None
    if not decimal:
        example = texts.example(candidates[bare.index(evidence.doubtful)])
        raise Undecided(
            f"{where}: {example} may be a number with thousands or with decimals, and nothing in the file tells: "
            "give --decimal . or --decimal ,"
        )
    if swapped.any():
        one, other = (texts.example(candidates[int(np.argmax(which))]) for which in (~strays, swapped))
        raise Undecided(f"{where} has two decimal marks, {one} and {other}: write them one way, or drop it")
    if _are_codes(bare, found):
        return of_codes(texts.name, _values(texts, texts.held(choices.missing)))
    by_unique = np.full(len(texts.uniques), np.nan)
    by_unique[candidates] = found
    findings = [*_of_numbers(where, bare, decimal, unit), *_of_marks(texts, choices.missing)]
    if strays.any():
        findings.append(
            told_of_strays(where, int(counts[strays].sum()), texts.example(candidates[int(np.argmax(strays))]))
        )
    return Column(texts.name, texts.name, "number", as_whole(by_unique[texts.codes]), tuple(findings))


def _of_numbers(where: str, bare: Sequence[str], decimal: str, unit: numbers.Unit | None) -> Iterator[Finding]:
    """How numbers were written, where that is not the plain way."""
    if unit is not None:
        yield Finding(
            "info",
            f"{str(unit)!r} was taken off its numbers.",
            where,
            "Those of the other participants have to be in the same unit.",
            "Nothing, if they are.",
        )
    if marked := next((value for value in bare if "," in value), None):
        yield Finding(
            "info",
            f"Its decimal mark is {decimal!r}: {marked!r} was read as {numbers.parse([marked], decimal)[0]:.12g}.",
            where,
            "It is written with a point, and without marks between thousands.",
            f"Give --decimal {',' if decimal == '.' else '.'} if that is wrong.",
        )


def _of_marks(texts: Texts, missing: Collection[str]) -> Iterator[Finding]:
    """What was taken for the mark of a missing value."""
    held = texts.held(missing)
    marks = [index for index, value in enumerate(texts.uniques) if held[index] and is_mark(value)]
    if marks:
        yield Finding(
            "info",
            f"{texts.named(marks)} became gaps.",
            f"column {texts.name!r}",
            "They are usual marks of a missing value among numbers.",
            "Nothing, if that is right.",
        )


def told_of_strays(where: str, number: int, example: str, noun: str = "number") -> Finding:
    """Say how many values are not what the column holds, with the first of them."""
    some = f"A value that is no {noun}" if number == 1 else f"{number:,} values that are no {noun}s"
    return Finding(
        "warning",
        f"{some} became {'a gap' if number == 1 else 'gaps'}: {example}{'' if number == 1 else ' is the first'}.",
        where,
        "A gap in a feature is filled with the median; a row without a target is not used.",
        "Correct them in the source if they are known.",
    )


def _most(which: "npt.NDArray[np.bool_] | Sequence[bool]", counts: npt.NDArray[np.intp]) -> bool:
    return bool(counts[np.asarray(which, np.bool_)].sum() >= _LEAST_SHARE * counts.sum())


def _are_codes(bare: Sequence[str], found: npt.NDArray[np.float64]) -> bool:
    """Whether whole numbers have zeros in front, or more digits than a number keeps."""
    if not all(value.isdecimal() for value in bare):
        return False
    return float(np.nanmax(found)) > numbers.LARGEST_WHOLE or any(len(value) > 1 and value[0] == "0" for value in bare)


def of_codes(name: str, values: "pd.Series[str]") -> Column:
    """A column of whole numbers that are none: categories."""
    example = shortened(str(next(value for value in values if isinstance(value, str) and len(value) > 1)))
    return Column(
        name,
        name,
        "category",
        values.astype("object"),
        (
            Finding(
                "warning",
                f"It holds codes, such as {example}, and is kept as categories.",
                f"column {name!r}",
                "As numbers they would lose zeros in front or their last digits.",
                f"Give --drop {quoted(name)} if it is an identifier.",
            ),
            *_of_categories(name, values),
        ),
    )


def _dates(texts: Texts, candidates: Sequence[int], choices: Choices) -> Column | None:
    """The column as days, if dates are what most of its values are."""
    where, counts = f"column {texts.name!r}", texts.counts[candidates]
    written = [texts.uniques[index] for index in candidates]
    found = dates.parse(written, choices.date_order)
    if not _most(np.isfinite(found.days), counts):
        return None
    order = found.order if not found.others else choices.usual_order
    if order not in (found.order, *found.others):
        orders = " or ".join(sorted((found.order, *found.others)))
        example = texts.example(candidates[int(np.argmax(np.isfinite(found.days)))])
        raise Undecided(
            f"{where}: {example} may have the day first or the month, and nothing in the file tells: "
            f"give --dates {orders}"
        )
    if found.others:
        found = dates.parse(written, order)
    strays = ~np.isfinite(found.days)
    by_unique = np.full(len(texts.uniques), np.nan)
    by_unique[candidates] = found.days
    first = texts.example(candidates[int(np.argmax(~strays))])
    findings = [told_as_days(texts.name, f"Dates such as {first}, in the order {order!r},")]
    if "%y" in found.pattern:
        findings.append(
            Finding(
                "warning",
                "Years of two digits were taken for 1969 to 2068.",
                where,
                "That may be a century too late, as for a date of birth.",
                "Write them with four digits in the source.",
            )
        )
    findings += _of_marks(texts, choices.missing)
    if strays.any():
        example = texts.example(candidates[int(np.argmax(strays))])
        findings.append(told_of_strays(where, int(counts[strays].sum()), example, noun="date"))
    proven = order if order != "ymd" and choices.date_order is None and not found.others else None
    return Column(texts.name, texts.name, "date", as_whole(by_unique[texts.codes]), tuple(findings), proven)


def told_as_days(name: str, what: str) -> Finding:
    """Say what became of dates."""
    return Finding(
        "info",
        f"{what} became the number of days since {dates.EPOCH}.",
        f"column {name!r}",
        _AS_NUMBERS,
        f"Give --drop {quoted(name)} to leave it out.",
    )


def _values(texts: Texts, held: npt.NDArray[np.bool_]) -> "pd.Series[str]":
    by_unique = np.array(
        [value if is_held else None for value, is_held in zip(texts.uniques, held, strict=True)], object
    )
    return pd.Series(by_unique[texts.codes], dtype=object)


def read_categories(texts: Texts, held: npt.NDArray[np.bool_]) -> Column:
    """The column as categories, each value one; `held` says which of them are none that stand for a gap."""
    values = _values(texts, held)
    where, counts = f"column {texts.name!r}", texts.counts
    findings = list(_of_categories(texts.name, values))
    marks = [index for index, value in enumerate(texts.uniques) if held[index] and is_mark(value)]
    if marks:
        findings.append(
            Finding(
                "warning",
                f"It holds {texts.named(marks)}, kept as a value.",
                where,
                "Among categories it may be one, or stand for what is not known.",
                f"Give --missing {quoted(texts.uniques[marks[0]])} if it stands for a gap.",
            )
        )
    by_folded: dict[str, list[str]] = {}
    for value, is_held in zip(texts.uniques, held, strict=True):
        if is_held:
            by_folded.setdefault(" ".join(value.casefold().split()), []).append(value)
    if alike := next((values for values in by_folded.values() if len(values) > 1), None):
        findings.append(
            Finding(
                "warning",
                f"{' and '.join(map(shortened, alike[:_NAMED]))} are two categories.",
                where,
                "They differ by capitals or space alone, and are likely one.",
                "Write them one way in the source.",
            )
        )
    numeric = [
        index
        for index, value in enumerate(texts.uniques)
        if held[index] and value[-1].isdigit() and re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", value)
    ]
    if numeric and counts[numeric].sum() * 2 >= counts[held].sum():
        stray = next((i for i in range(len(texts.uniques)) if held[i] and i not in set(numeric)), None)
        if stray is not None:
            findings.append(
                Finding(
                    "warning",
                    f"{counts[numeric].sum()} of its {counts[held].sum()} values are numbers, others are not, such as "
                    f"{texts.example(stray)}: it is taken for categories.",
                    where,
                    "Each number is then a category of its own.",
                    "Correct the others, or name them as missing, if it should be numbers.",
                )
            )
    return Column(texts.name, texts.name, "category", values, tuple(findings))


def _of_categories(name: str, values: "pd.Series[str]") -> list[Finding]:
    """What looks like an identifier."""
    held, different = int(values.count()), int(values.nunique())
    return [_told_as_id(name, f"It has {different} values in {held} rows")] if is_id(held, different) else []


def is_id(held: int, different: int) -> bool:
    """Whether a column has (nearly) one value per row."""
    return held >= _FEWEST_ROWS and different >= _LEAST_SHARE * held


def numbers_rows(column: Column) -> bool:
    """Whether whole numbers go up or down by one, row by row, in some order: a row's number, and no measurement."""
    if not pd.api.types.is_integer_dtype(column.values.dtype) or column.gaps or len(column.values) < _FEWEST_ROWS:
        return False
    found = np.sort(column.values.to_numpy(np.int64))
    return bool((np.diff(found) == 1).all())


def _told_as_id(name: str, what: str) -> Finding:
    return Finding(
        "warning",
        f"{what}: it looks like an identifier.",
        f"column {name!r}",
        "It tells rows apart and nothing about them; a network learns it by heart.",
        f"Give --drop {quoted(name)} if it is one.",
    )


def of_the_values(column: Column) -> list[Finding]:
    """What is to be known of a column, whatever it was made of."""
    if numbers_rows(column):
        return [_told_as_id(column.source, "It numbers the rows")]
    if column.values.nunique() == 1 and not column.gaps:
        return [
            Finding(
                "warning",
                f"It has a single value, {shortened(str(column.values.iloc[0]))}.",
                f"column {column.source!r}",
                "It tells nothing, unless it is another one at other participants.",
                f"Give --drop {quoted(column.source)} if it is the same everywhere.",
            )
        ]
    return []


def as_whole(values: "npt.NDArray[np.floating]") -> "pd.Series[float]":
    """Numbers, as whole ones when all are."""
    held = values[~np.isnan(values)]
    if len(held) and (held == np.round(held)).all() and np.abs(held).max() <= numbers.LARGEST_WHOLE:
        return cast("pd.Series[float]", pd.Series(values).astype("Int64"))
    return pd.Series(values)
