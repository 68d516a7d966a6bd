"""Files of every encoding and shape become the same plain rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from desktop.services.exchange import layout, tables
from domain.problems import Refusal

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "名称,统一社会信用代码\n甲公司,1\n"


def found(path: Path) -> layout.Layout:
    return layout.find("party", tables.read_sheets(path), lambda _signature: None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le-mark"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    mark = b"\xff\xfe" if encoding == "utf-16-le-mark" else b""
    content = TEXT.encode("utf-16-le" if mark else encoding)
    (tmp_path / "a.csv").write_bytes(mark + content)
    assert [row.cells[0] for row in found(tmp_path / "a.csv").rows()] == ["甲公司"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_judged_by_the_header_they_give(tmp_path: Path, delimiter: str) -> None:
    lines = [["名称", "简介"], ["甲公司", "a;b" if delimiter != ";" else "a,b,c"]]
    (tmp_path / "a.csv").write_text("\n".join(map(delimiter.join, lines)), encoding="utf-8")
    assert [row.cells for row in found(tmp_path / "a.csv").rows()] == [tuple(lines[1])]


def test_an_unknown_encoding_names_the_byte(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("名称\n".encode() + b"\xff\xff\xff")
    with pytest.raises(Refusal) as caught:
        tables.read_sheets(tmp_path / "a.csv")
    assert caught.value.problems[0].code == "file-encoding"
    assert caught.value.problems[0].params["offset"] == "8"


def test_text_without_mark_but_with_nulls_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.encode("utf-16-le"))
    with pytest.raises(Refusal, match="不是文本"):
        tables.read_sheets(tmp_path / "a.csv")


def test_an_open_quote_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('名称\n甲\n"乙\n丙\n', encoding="utf-8")
    with pytest.raises(Refusal, match="第 3 行"):
        list(found(tmp_path / "a.csv").rows())


def test_cells_of_a_workbook_are_plain(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        page = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["a", 200, 0.1 + 0.2, 1e21, True])
        page.write_datetime(0, 5, dt.datetime(2024, 3, 5), day)  # noqa: DTZ001 - a day has no zone
        page.write_string(0, 6, "=1+1")
    (sheet,) = tables.read_sheets(tmp_path / "a.xlsx")
    (row,) = sheet.read()
    assert row.cells == ("a", "200", "0.3", "1" + "0" * 21, "是", dt.date(2024, 3, 5), "=1+1")


def test_titles_groups_and_captions_around_a_merged_header(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("说明").write(0, 0, "填表说明：名称必填")
        page = book.add_worksheet("合同")
        page.merge_range(0, 0, 0, 3, "2024年技术合同一览表")
        page.write(1, 3, "单位：万元")
        page.merge_range(2, 0, 3, 0, "项目名称＊")
        page.merge_range(2, 1, 2, 2, "金额（亿元）")
        page.write(3, 1, "成交额")
        page.write(3, 2, "技术交易额")
        page.merge_range(2, 3, 3, 3, "中介服务费")
        page.write_row(5, 0, ["甲", 1, 0.5, 2])
    made = layout.find("deal", tables.read_sheets(tmp_path / "a.xlsx"), lambda _signature: None)
    assert made.sheet.name == "合同"
    assert made.header_row == 4
    facts = [(column.header, column.field, column.scale) for column in made.columns]
    assert facts == [
        ("项目名称＊", "title", None),
        ("金额（亿元）/成交额", "deal_amount", 100_000_000),
        ("金额（亿元）/技术交易额", "technical_amount", 100_000_000),
        ("中介服务费", "commission", 10_000),
    ]
    assert [row.number for row in made.rows()] == [6]


def test_groups_above_a_header_in_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "项目名称,金额（万元）,,备注\n,成交额,技术交易额,\n甲,1,2,3\n", encoding="utf-8"
    )
    made = layout.find("deal", tables.read_sheets(tmp_path / "a.csv"), lambda _signature: None)
    assert made.header_row == 2
    assert made.filled() == {"title", "deal_amount", "technical_amount", "remark"}


def test_blank_rows_are_no_rows_but_keep_the_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名单\n\n名称,电话\n\n甲,\n,\n乙,\n", encoding="utf-8")
    assert [row.number for row in found(tmp_path / "a.csv").rows()] == [5, 7]
