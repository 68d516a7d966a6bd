"""What goes out unmasked comes back as nothing but duplicates; what goes out masked gives nothing away."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import records
from desktop.services.exchange import exporting, importing, tables
from desktop.services.exchange.exporting import export, heading
from domain.fields import RECORD_TYPES, Field, RecordType
from domain.problems import Refusal, problems
from domain.values import UnreadableError, parse

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from desktop.services.desk import Desk
    from domain.codes import CodeBook

TODAY = dt.date(2026, 3, 2)
FORMATTED = {
    "credit-code": st.sampled_from(["12310000425022547M", "53100000500021676K"]),
    "citizen-id": st.just("11010519491231002X"),
    "patent-number": st.sampled_from(["ZL200810027800.7", "CN202410823205.3"]),
    "partial-day": st.sampled_from(["2013", "2013-05", "2013-05-06"]),
    "phone": st.sampled_from(["13800138000", "+86 10 62345678"]),
    "email": st.just("name@example.cn"),
    "web": st.just("https://www.example.cn/a?b=1"),
    "sha256": st.just("0" * 64),
}
WORDS = st.text(alphabet="甲乙丙=+-@＝'\"，,;；/ 0１９.Aé\n_x<&", min_size=1, max_size=12)


def decimals(field: Field) -> st.SearchStrategy[Decimal]:
    low, high = field.low, field.high
    bounds = (low if low is not None else Decimal(-(10**9)), high if high is not None else Decimal(10**16))
    return st.decimals(*bounds, places=field.places, allow_nan=False)


def values_of(field: Field, codes: CodeBook) -> st.SearchStrategy[Any]:
    """Return what a form could have saved in a field that is no reference."""
    if field.kind in ("money", "number"):
        return decimals(field)
    if field.kind == "day":
        return st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1))
    if field.kind == "flag":
        return st.booleans()
    if field.kind == "choice":
        return st.sampled_from([entry.code for entry in codes[field.codes].entries(TODAY)])
    if field.kind == "choices":
        entries = [entry.code for entry in codes[field.codes].entries(TODAY)]
        return st.lists(st.sampled_from(entries), max_size=3, unique=True).map(tuple)
    words = FORMATTED.get(field.format, WORDS)
    return words.map(lambda text: as_saved(field, text, codes)).filter(bool)


def as_saved(field: Field, text: str, codes: CodeBook) -> Any:
    try:
        return parse(field, text, codes, on=TODAY)
    except UnreadableError:
        return None


@st.composite
def record_values(draw: st.DrawFn, known: RecordType, codes: CodeBook, others: dict[str, list[uuid.UUID]]):
    values = {}
    for field in known.fields:
        made = (
            st.sampled_from(others[field.to])
            if field.kind == "ref" and field.to in others
            else st.none()
            if field.kind == "ref"
            else values_of(field, codes)
        )
        values[field.name] = None if field.kept else draw(made if field.required else st.none() | made)
    found = problems(known, values, codes, on=TODAY)
    for problem in found:
        if not problem.warning and problem.field in known and not known[problem.field].required:
            values[problem.field] = None
    return values


def others_for(desk: Desk) -> dict[str, list[uuid.UUID]]:
    """Make records that others refer to, two of them with the same name."""
    made: dict[str, list[uuid.UUID]] = {}
    for name, title in (
        ("party", "name"),
        ("broker", "name"),
        ("achievement", "title"),
        ("demand", "title"),
        ("deal", "title"),
        ("training_class", "name"),
    ):
        known = RECORD_TYPES[name]
        defaults = {field.name: field.default for field in known.fields if field.default is not None}
        for words in ("某某", "同名", "同名"):
            record_id = new_id()
            records.save(desk, record_type=name, record_id=record_id, values={**defaults, title: words})
            made.setdefault(name, []).append(record_id)
    return made


@pytest.fixture(scope="session")
def others(shared_desk: Desk) -> dict[str, list[uuid.UUID]]:
    return others_for(shared_desk)


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
@pytest.mark.parametrize("record_type", [known.name for known in RECORD_TYPES.values() if not known.kept])
@settings(max_examples=2)
@given(data=st.data())
def test_an_export_comes_back_as_nothing_but_duplicates(
    *,
    shared_desk: Desk,
    others: dict[str, list[uuid.UUID]],
    tmp_path_factory: pytest.TempPathFactory,
    record_type: str,
    ending: str,
    data: st.DataObject,
) -> None:
    known, codes = RECORD_TYPES[record_type], shared_desk.codes
    made = data.draw(st.lists(record_values(known, codes, others), min_size=1, max_size=4))
    sound = [v for v in made if all(p.warning for p in problems(known, v, codes, on=TODAY))]
    records.save_all(shared_desk, records=[(record_type, new_id(), values) for values in sound])
    path = tmp_path_factory.mktemp("export") / f"out{ending}"
    written = export(shared_desk, record_type, path, masked=False)
    plan = importing.plan(shared_desk, path, record_type)
    assert [complaint.reason for complaint in plan.preview.rejects] == []
    assert (plan.preview.rows, plan.preview.duplicates) == (written, written)
    assert plan.preview.unmapped == tuple(heading(field).text for field in known.fields if field.kept)
    assert all(complaint.problem.warning for complaint in plan.preview.warnings)
    assert plan.preview.differing == ()


class StoppedError(Exception):
    """What a job raises when its user gives up."""


def people(desk: Desk) -> None:
    values = {"name": "王伟", "id_number": "11010519491231002X", "mobile": "13800138000", "remark": "=1+1"}
    records.save(desk, record_type="broker", record_id=new_id(), values=values)


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_personal_data_are_masked_unless_asked_for(exchange_desk: Desk, tmp_path: Path, ending: str) -> None:
    people(exchange_desk)
    for masked in (True, False):
        path = tmp_path / f"{masked}{ending}"
        assert export(exchange_desk, "broker", path, masked=masked) == 1
        texts = {text for sheet in tables.read_sheets(path) for row in sheet.read() for text in row.cells}
        assert ("11010519491231002X" in texts) is not masked
        assert ("13800138000" in texts) is not masked
        assert "=1+1" in texts


def test_nothing_written_is_a_formula(exchange_desk: Desk, tmp_path: Path) -> None:
    people(exchange_desk)
    export(exchange_desk, "broker", tmp_path / "a.xlsx", masked=False)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    export(exchange_desk, "broker", tmp_path / "a.csv", masked=False)
    content = (tmp_path / "a.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"'=1+1" in content


def test_amounts_are_numbers_in_yuan_and_days_are_text(exchange_desk: Desk, tmp_path: Path) -> None:
    values = {"title": "甲", "deal_amount": Decimal("50000.50"), "signed_on": TODAY, "stage": "signing"}
    records.save(exchange_desk, record_type="deal", record_id=new_id(), values=values)
    export(exchange_desk, "deal", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as source:
        (line,) = csv.DictReader(source)
    assert line["成交额（元）"] == "50000.50"
    assert (line["签订日期"], line["阶段"]) == ("2026-03-02", "签约")
    export(exchange_desk, "deal", tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert b"<v>50000.5</v>" in archive.read("xl/worksheets/sheet1.xml")


def test_a_query_chooses_the_rows(exchange_desk: Desk, tmp_path: Path) -> None:
    for name in ("甲公司", "乙公司"):
        values = {"name": name, "kind": "organisation"}
        records.save(exchange_desk, record_type="party", record_id=new_id(), values=values)
    assert export(exchange_desk, "party", tmp_path / "a.csv", Query("party", words="甲公司")) == 1


def test_an_unknown_ending_and_a_missing_folder_are_refused(exchange_desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"\.xlsx 或 \.csv"):
        export(exchange_desk, "party", tmp_path / "a.ods")
    with pytest.raises(Refusal, match="无法写入"):
        export(exchange_desk, "party", tmp_path / "none" / "a.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]


def test_giving_up_leaves_no_file(exchange_desk: Desk, tmp_path: Path) -> None:
    people(exchange_desk)

    def stop(_done: int, _total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        export(exchange_desk, "broker", tmp_path / "a.csv", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]


def test_codes_that_share_a_label_go_out_as_something_that_finds_them(exchange_desk: Desk) -> None:
    with exchange_desk.store.read() as connection:
        lines = exporting._Lines(connection, "party", exchange_desk.codes, on=TODAY, masked=False)
    for code in ("110105", "220104", "440100"):
        words = lines.words("region", code, TODAY)
        assert exchange_desk.codes["region"].find(words, TODAY) == code
    assert lines.words("region", "440100", TODAY) == "广州市"
