"""Every row is imported, recognised or rejected; nothing is written but by one command."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from desktop.models import queries
from desktop.models.queries import Query
from desktop.services import records
from desktop.services.exchange import importing, tables
from desktop.services.exchange.writing import Heading, write_table
from domain.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from desktop.services.desk import Desk
    from desktop.services.exchange.importing import ImportReport


def csv_file(folder: Path, *lines: str, name: str = "表.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def bring_in(desk: Desk, path: Path, record_type: str) -> ImportReport:
    plan = importing.plan(desk, path, record_type)
    report = importing.apply(desk, plan, rejects_folder=path.parent)
    for told in (plan.preview, report):
        assert told.rows == told.imported + told.duplicates + told.rejected
    return report


def held(desk: Desk, record_type: str) -> list[dict[str, Any]]:
    with desk.store.read() as connection:
        return queries.rows(connection, Query(record_type, order="row", descending=False))


def codes_of(complaints: Sequence[Any]) -> list[tuple[int, str]]:
    return [(complaint.row, complaint.problem.code) for complaint in complaints]


def test_a_plan_writes_nothing(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,卖方", "甲,某大学")
    plan = importing.plan(exchange_desk, path, "deal")
    assert (plan.preview.imported, plan.preview.linked) == (1, {"party": 1})
    assert plan.preview.changes is None
    assert held(exchange_desk, "deal") == held(exchange_desk, "party") == []
    assert set(tmp_path.iterdir()) == {path, tmp_path / "workspace"}


def test_values_are_read_as_people_write_them(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "项目名称,成交额（万元）,技术交易额,签订日期,公布日期,关联交易,合同类别,奖励比例",
        "甲,１２０．５,1.2万元,2024年3月5日,2024年3月,是,技术开发,75%",
        "乙,,,2024/3/5,2010,,股权,",
    )
    assert bring_in(exchange_desk, path, "deal").rejects == ()
    first, second = held(exchange_desk, "deal")
    assert first["deal_amount"] == Decimal("1205000.00")
    assert first["technical_amount"] == Decimal("12000.00")
    assert first["signed_on"] == second["signed_on"] == dt.date(2024, 3, 5)
    assert (first["announced_on"], second["announced_on"]) == ("2024-03", "2010")
    assert first["is_related"] is True
    assert first["reward_share"] == Decimal("75.00")
    assert (second["contract_type"], second["mode_note"]) == (None, "股权")
    assert second["stage"] == "lead"


def test_an_import_is_one_step_of_undo_and_twice_is_once(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "成果名称,完成单位", "甲,某大学", "乙,某大学", "甲,另一大学")
    report = bring_in(exchange_desk, path, "achievement")
    assert (report.imported, report.linked) == (3, {"party": 2})
    assert report.changes
    assert report.changes.label == "从“表.csv”导入 3 条科技成果"
    again = bring_in(exchange_desk, path, "achievement")
    assert (again.imported, again.duplicates, again.linked, again.differing) == (0, 3, {}, ())
    assert again.changes
    assert again.changes.touched == ()
    records.undo(exchange_desk)
    assert held(exchange_desk, "achievement") == held(exchange_desk, "party") == []
    assert bring_in(exchange_desk, path, "achievement").imported == 3


def test_names_are_compared_as_search_compares_them(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "名称", "浙江工业大学", "浙江 工業大學", "ＡＢＣ公司", "abc公司")
    report = bring_in(exchange_desk, path, "party")
    assert (report.imported, report.duplicates) == (2, 2)


def test_a_duplicate_that_says_something_else_is_reported_and_left(
    exchange_desk: Desk, tmp_path: Path
) -> None:
    bring_in(exchange_desk, csv_file(tmp_path, "名称,地址,电话", "甲,旧址,", "乙,,"), "party")
    path = csv_file(tmp_path, "名称,地址,网址", "甲,新址,", "乙,,", "乙,,坏网址", "丙,一,", "丙,二,")
    report = bring_in(exchange_desk, path, "party")
    assert (report.imported, report.duplicates, report.rejected) == (1, 4, 0)
    told = [(difference.row, difference.fields) for difference in report.differing]
    assert sorted(told) == [(2, ("地址",)), (4, ("网址",)), (6, ("地址",))]
    assert codes_of(report.warnings) == [(4, "web")]
    assert [row["address"] for row in held(exchange_desk, "party")] == ["旧址", None, "一"]


def test_a_rejected_row_gives_all_its_reasons_and_can_be_mended(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        "项目名称,成交额（万元）,技术交易额（万元）,签订日期,定价方式",
        "好的,2,1,2024-01-01,拍卖",
        ",2,1,2024-01-01,",
        "坏的,-2,1,2024-09-31,抓阄",
        "倒挂,1,2,2024-01-01,",
        "合计,5,5,,",
    )
    report = bring_in(exchange_desk, path, "deal")
    assert sorted(codes_of(report.rejects)) == [
        (3, "required"),
        (4, "no-such-day"),
        (4, "technical-above-deal"),
        (4, "too-low"),
        (4, "unknown-code"),
        (5, "technical-above-deal"),
        (6, "total-row"),
    ]
    assert report.rejects_file == tmp_path / "表-未导入.csv"
    again = bring_in(exchange_desk, report.rejects_file, "deal")
    assert (again.rows, again.rejected, again.unmapped) == (4, 4, ())
    assert again.rejects_file == tmp_path / "表-未导入-未导入.csv"
    assert len(held(exchange_desk, "deal")) == 1


def test_the_rejects_of_a_workbook_are_a_workbook_and_never_replace_one(
    exchange_desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "表.xlsx"
    write_table(path, "表", [Heading("名称"), Heading("网址")], [["甲", "坏"], ["=1+1", "坏"]])
    files = [bring_in(exchange_desk, path, "party").rejects_file for _ in range(2)]
    assert files == [tmp_path / "表-未导入.xlsx", tmp_path / "表-未导入-2.xlsx"]
    (sheet,) = tables.read_sheets(tmp_path / "表-未导入.xlsx")
    lines = [row.cells for row in sheet.read()]
    assert lines[0] == ("行号", "列", "值", "原因", "名称", "网址")
    assert [line[:3] + line[4:] for line in lines[1:]] == [
        ("2", "网址", "坏", "甲", "坏"),
        ("3", "网址", "坏", "=1+1", "坏"),
    ]


def test_the_cell_and_its_column_are_named(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "项目名称,签约日期", "甲,2024年9月31日")
    (complaint,) = bring_in(exchange_desk, path, "deal").rejects
    assert (complaint.row, complaint.column, complaint.value) == (2, "签约日期", "2024年9月31日")
    assert "在日历上不存在" in complaint.reason


def test_a_delimiter_too_many_shifts_nothing(exchange_desk: Desk, tmp_path: Path) -> None:
    report = bring_in(exchange_desk, csv_file(tmp_path, "名称,地址", "甲,一,二", "乙,一,"), "party")
    assert (report.imported, codes_of(report.rejects)) == (1, [(2, "too-many-cells")])


def test_missing_columns_refuse_the_file(exchange_desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        importing.plan(exchange_desk, csv_file(tmp_path, "uscc,结果", "1,2"), "party")
    (words,) = caught.value.messages()
    assert "名称" in words
    assert "uscc、结果" in words


def test_a_mapping_is_remembered_for_the_same_headers(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "一览表", "叫什么,在哪,随便", "甲,某路,x")
    found = importing.inspect(exchange_desk, path, "party")
    assert [column.header for column in found.columns] == ["叫什么", "在哪", "随便"]
    mapping = {"叫什么": "name", "在哪": "address", "随便": ""}
    importing.remember(exchange_desk, "party", found, mapping)
    report = bring_in(exchange_desk, path, "party")
    assert (report.imported, report.unmapped) == (1, ())
    assert held(exchange_desk, "party")[0]["address"] == "某路"


def test_unmapped_columns_are_reported(exchange_desk: Desk, tmp_path: Path) -> None:
    report = bring_in(exchange_desk, csv_file(tmp_path, "名称,秘密栏", "甲,x"), "party")
    assert report.unmapped == ("秘密栏",)


@pytest.mark.parametrize(
    ("cells", "region"),
    [
        ("广东省,广州市,天河区", "440106"),
        ("广东省,广州市,", "440100"),
        ("广东省,,", "440000"),
        (",广州市,", "440100"),
        ("上海市,上海市,", "310000"),
        ("吉林省,长春市,朝阳区", "220104"),
    ],
)
def test_regions_in_several_columns(exchange_desk: Desk, tmp_path: Path, cells: str, region: str) -> None:
    bring_in(exchange_desk, csv_file(tmp_path, "名称,省份,城市,地区", f"甲,{cells}"), "party")
    assert held(exchange_desk, "party")[0]["region"] == region


def test_an_unknown_city_is_told_and_a_contradiction_refused(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "名称,省份,城市", "甲,河北省,某新城", "乙,浙江省,广州市")
    report = bring_in(exchange_desk, path, "party")
    assert codes_of(report.warnings) == [(2, "region-unknown")]
    assert codes_of(report.rejects) == [(3, "unknown-code")]


def test_references_by_name(exchange_desk: Desk, tmp_path: Path) -> None:
    bring_in(exchange_desk, csv_file(tmp_path, "姓名,证件号码", "王伟,A1", "王伟,A2", "李娜,A3"), "broker")
    path = csv_file(
        tmp_path,
        "项目名称,经纪人,卖方",
        "甲,李娜,某大学",
        "乙,王伟,某大学",
        f"丙,{held(exchange_desk, 'broker')[1]['id']},",
        "丁,00000000-0000-0000-0000-000000000000,",
        f"戊,,{'长' * 121}",
        "己,新人,",
    )
    report = bring_in(exchange_desk, path, "deal")
    assert codes_of(report.rejects) == [(3, "ambiguous-record"), (5, "unknown-record"), (6, "too-long")]
    assert report.linked == {"party": 1, "broker": 1}
    by_title = {row["title"]: row for row in held(exchange_desk, "deal")}
    assert by_title["丙"]["broker"] == held(exchange_desk, "broker")[1]["id"]
    assert by_title["甲"]["seller"] == held(exchange_desk, "party")[0]["id"]


def test_a_record_that_needs_more_than_a_name_is_not_made(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "证书编号,持证人,姓名,等级,发证单位,照片", "1,王伟,王伟,中级,某所,像.jpg")
    report = bring_in(exchange_desk, path, "certificate")
    assert codes_of(report.rejects) == [(2, "unknown-record")]
    assert held(exchange_desk, "broker") == []


def test_a_parent_further_down_the_file_is_not_made_twice(exchange_desk: Desk, tmp_path: Path) -> None:
    report = bring_in(
        exchange_desk, csv_file(tmp_path, "名称,上级单位,地址", "分院,总院,", "总院,集团,某路"), "party"
    )
    assert (report.imported, report.linked) == (2, {"party": 1})
    branch, head = (next(r for r in held(exchange_desk, "party") if r["name"] == n) for n in ("分院", "总院"))
    assert branch["parent"] == head["id"]
    assert head["address"] == "某路"


def test_what_came_between_plan_and_import_is_seen(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "名称", "甲", "乙")
    plan = importing.plan(exchange_desk, path, "party")
    bring_in(exchange_desk, csv_file(tmp_path, "名称", "甲", name="b.csv"), "party")
    report = importing.apply(exchange_desk, plan)
    assert (report.imported, report.duplicates) == (1, 1)


class StoppedError(Exception):
    """What a job raises when its user gives up."""


def test_giving_up_leaves_everything_as_it_was(exchange_desk: Desk, tmp_path: Path) -> None:
    path = csv_file(tmp_path, "名称", *(f"公司{n}" for n in range(2500)))
    told: list[tuple[int, int]] = []
    plan = importing.plan(exchange_desk, path, "party", progress=lambda *at: told.append(at))
    assert (2000, 2500) in told

    def stop(done: int, _total: int) -> None:
        if done == 1000:
            raise StoppedError

    with pytest.raises(StoppedError):
        importing.apply(exchange_desk, plan, progress=stop)
    assert held(exchange_desk, "party") == []


def test_a_rejects_file_that_cannot_be_written_stops_the_import(exchange_desk: Desk, tmp_path: Path) -> None:
    plan = importing.plan(exchange_desk, csv_file(tmp_path, "名称,网址", "甲,", "乙,坏"), "party")
    with pytest.raises(Refusal, match="无法写入"):
        importing.apply(exchange_desk, plan, rejects_folder=tmp_path / "none")
    assert held(exchange_desk, "party") == []


@pytest.mark.parametrize(
    ("header", "cell", "share"),
    [
        ("奖励比例", 0.75, None),
        ("奖励比例（%）", 0.75, "0.75"),
        ("奖励比例", 75, "75"),
        ("奖励比例", "75%", "75"),
    ],
)
def test_a_number_that_may_be_a_formatted_percentage_is_not_guessed(desk, tmp_path, header, cell, share):
    path = tmp_path / "比例.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["项目名称", header])
        sheet.write_row(1, 0, ["巢箱", cell])
    plan = importing.plan(desk, path, "deal")
    if share is None:
        assert [complaint.problem.code for complaint in plan.preview.rejects] == ["unclear-percentage"]
    else:
        assert plan.drafts[0].values["reward_share"] == Decimal(share)
