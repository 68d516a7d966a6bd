"""Lists, filters, orders and searches give what a plain look at all records would give."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from desktop.models import queries
from desktop.models.queries import Hit, Query, Row
from desktop.models.work import Work, new_id
from domain.fields import RECORD_TYPES
from tests.samples import draw_values

if TYPE_CHECKING:
    import uuid


def put(store, clock, *rows) -> list[uuid.UUID]:
    keys = []
    with store.write() as connection:
        work = Work(connection, clock(), "高璟", "device", "测试")
        for record_type, values in rows:
            keys.append(new_id())
            work.put(record_type, keys[-1], values)
        work.finish()
    return keys


def bin_(store, clock, record_type, key) -> None:
    with store.write() as connection:
        work = Work(connection, clock(), "高璟", "device", "删")
        work.remove(record_type, key)
        work.finish()


def found(store, record_type, **facts) -> list[Row]:
    with store.read() as connection:
        query = Query(record_type, **facts)
        rows = queries.rows(connection, query)
        assert queries.count(connection, query) == len(rows)
        assert list(queries.row_ids(connection, query)) == [row["row"] for row in rows]
        assert queries.first_rows(connection, query, 2) == rows[:2]
        assert queries.rows(connection, query, limit=1) == rows[:1]
        return rows


@pytest.fixture
def parties(store, clock):
    names = ["浙江工业大学", "湖北单氏机械厂", "北京ＡＢＣ科技"]
    return put(store, clock, *(("party", {"name": name, "kind": "organisation"}) for name in names))


@pytest.mark.parametrize("name", RECORD_TYPES)
def test_every_listed_column_sorts_both_ways(store, clock, name):
    known = RECORD_TYPES[name]
    rows = [
        {n: v for n, v in draw_values(known, seed).items() if known[n].kind != "ref"} for seed in range(12)
    ]
    put(store, clock, *((name, values) for values in rows))
    for field in known.fields:
        if field.listed and field.kind not in ("ref", "choices"):
            up, down = (
                [row[field.name] for row in found(store, name, order=field.name, descending=d)]
                for d in (0, 1)
            )
            assert up == sorted(up, key=lambda value: (value is not None, value))
            assert sorted(map(str, up)) == sorted(map(str, down))
            assert [value for value in down if value is not None] == sorted(
                (value for value in up if value is not None), reverse=True
            )


def test_a_reference_is_sorted_by_what_people_call_it(store, clock, parties):
    for key in [parties[2], None, parties[0], parties[1]]:
        put(store, clock, ("achievement", {"title": "成果", "secrecy": "public", "holder": key}))
    rows = found(store, "achievement", order="holder", descending=False)
    assert [row["holder"] for row in rows] == [None, parties[2], parties[0], parties[1]]


def test_the_newest_come_first_and_equals_keep_their_order(store, clock):
    first = put(store, clock, ("task", {"title": "一", "state": "planned"}))
    second = put(store, clock, *(("task", {"title": title, "state": "planned"}) for title in "二三四"))
    assert [row["id"] for row in found(store, "task")] == [*reversed(second), *first]


def test_filters(store, clock, parties):
    deals = [
        {"title": "甲", "stage": "lead", "seller": parties[0], "deal_amount": Decimal(5), "is_related": True},
        {"title": "乙", "stage": "lead", "ip_kinds": ("patent-invention", "software")},
        {"title": "丙", "stage": "signed", "ip_kinds": ("software",), "signed_on": dt.date(2026, 1, 2)},
    ]
    put(store, clock, *(("deal", deal) for deal in deals))
    cases: dict[str, list[tuple[str, Any]]] = {
        "甲乙": [("stage", "lead")],
        "甲乙丙": [("stage", ("lead", "signed"))],
        "甲": [("stage", "lead"), ("seller", parties[0])],
        "乙丙": [("ip_kinds", "software")],
        "乙": [("ip_kinds", ("patent-invention", "software"))],
        "丙": [("signed_on", dt.date(2026, 1, 2))],
        "": [("stage", ())],
    }
    for titles, where in cases.items():
        rows = found(store, "deal", where=tuple(where), order="title", descending=False)
        assert {row["title"] for row in rows} == set(titles), where
    assert {row["title"] for row in found(store, "deal", where=(("ip_kinds", ()),))} == {"甲"}
    assert {row["title"] for row in found(store, "deal", where=(("seller", None),))} == {"乙", "丙"}
    assert {row["title"] for row in found(store, "deal", where=(("is_related", True),))} == {"甲"}
    assert {row["title"] for row in found(store, "deal", where=(("deal_amount", Decimal(5)),))} == {"甲"}


def test_words_are_found_in_the_record_or_in_what_its_list_names(store, clock, parties):
    put(
        store,
        clock,
        ("achievement", {"title": "发泡剂", "secrecy": "public", "holder": parties[0]}),
        ("achievement", {"title": "工业机器人", "secrecy": "public", "holder": parties[1]}),
    )
    titles = {
        words: {row["title"] for row in found(store, "achievement", words=words)}
        for words in ("工业", "浙江 发泡", "浙江 机器人", "單氏", "dsjx", "ssjx", "——", "浙江——发泡", "没有")
    }
    assert titles == {
        "工业": {"发泡剂", "工业机器人"},
        "浙江 发泡": {"发泡剂"},
        "浙江 机器人": set(),
        "單氏": {"工业机器人"},
        "dsjx": {"工业机器人"},  # by the initials of 单氏机械
        "ssjx": set(),
        "——": {"发泡剂", "工业机器人"},  # nothing to search for: everything
        "浙江——发泡": set(),
        "没有": set(),
    }


def test_a_type_without_searched_fields_is_searched_by_what_it_names(store, clock):
    (broker,) = put(store, clock, ("broker", {"name": "单晓华"}))
    (course,) = put(store, clock, ("training_class", {"name": "初级班"}))
    put(store, clock, ("enrolment", {"training_class": course, "broker": broker}))
    assert len(found(store, "enrolment", words="晓华")) == 1
    assert found(store, "enrolment", words="无此人") == []
    assert found(store, "grade_total", words="无此物") == []


def test_a_pasted_page_is_no_fault(store, parties):
    assert found(store, "party", words=" ".join(f"词{n}" for n in range(3000))) == []
    assert found(store, "party", words="浙江" * 2000) == []


def test_the_bin_is_a_list_of_its_own(store, clock, parties):
    bin_(store, clock, "party", parties[1])
    assert {row["id"] for row in found(store, "party")} == {parties[0], parties[2]}
    assert [row["id"] for row in found(store, "party", binned=True)] == [parties[1]]
    assert [row["id"] for row in found(store, "party", binned=True, words="机械")] == [parties[1]]
    with store.read() as connection:
        binned = queries.get(connection, "party", parties[1])
        assert binned is not None
        assert binned["deleted_at"] is not None
        assert queries.find_by_title(connection, "party", "湖北单氏机械厂") is None
        assert queries.find_everywhere(connection, "机械") == []


def test_two_thousand_rows_by_their_ids(store, clock):
    put(store, clock, *(("task", {"title": f"事项{n}", "state": "planned"}) for n in range(2000)))
    with store.read() as connection:
        ids = queries.row_ids(connection, Query("task", order="title", descending=False))
        assert len(ids) == 2000
        rows = queries.rows_by_row_id(connection, "task", [*ids, 999_999])
        assert [rows[row]["title"] for row in ids] == sorted(f"事项{n}" for n in range(2000))
        assert queries.get(connection, "task", new_id()) is None


def test_titles(store, clock, parties):
    (broker,) = put(store, clock, ("broker", {"name": "王喆"}))
    (course,) = put(store, clock, ("training_class", {"name": "初级班"}))
    (enrolment,) = put(store, clock, ("enrolment", {"training_class": course, "broker": broker}))
    (payment,) = put(store, clock, ("payment", {"amount": Decimal(5)}))
    with store.read() as connection:
        assert queries.titles(connection, "party", [parties[0], parties[0], new_id()]) == {
            parties[0]: "浙江工业大学"
        }
        assert queries.titles(connection, "party", []) == {}
        assert queries.titles(connection, "enrolment", [enrolment]) == {enrolment: "王喆"}
        assert queries.titles(connection, "payment", [payment]) == {payment: "付款"}
        assert queries.find_by_title(connection, "enrolment", "王喆") == enrolment
        assert queries.find_by_title(connection, "enrolment", "无此人") is None


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("浙江工业大学", 0),
        ("浙江工業大學", 0),
        ("北京abc科技", 2),
        ("北京ＡＢＣ科技", 2),
        ("浙江", None),
        ("——", None),
    ],
)
def test_a_title_is_found_in_any_width_case_and_script(store, parties, name, index):
    with store.read() as connection:
        key = queries.find_by_title(connection, "party", name)
    assert key == (None if index is None else parties[index])


def test_of_two_records_called_so_the_oldest_is_found(store, clock, parties):
    put(store, clock, ("party", {"name": "浙江工业大学", "kind": "organisation"}))
    with store.read() as connection:
        assert queries.find_by_title(connection, "party", "浙江工业大学") == parties[0]
    put(store, clock, ("payment", {"invoice_no": "FP100"}))  # found by its words, but it has no title
    with store.read() as connection:
        assert queries.find_by_title(connection, "payment", "FP100") is None


def test_everything_is_searched_at_once(store, clock, parties):
    (deal,) = put(store, clock, ("deal", {"title": "浙江专利转让", "stage": "lead"}))
    with store.read() as connection:
        hits = queries.find_everywhere(connection, "浙江")
        assert set(hits) == {Hit("party", parties[0], "浙江工业大学"), Hit("deal", deal, "浙江专利转让")}
        assert queries.find_everywhere(connection, "！") == []
        assert len(queries.find_everywhere(connection, "a", limit=1)) <= len(RECORD_TYPES)


def test_who_points_here(store, clock, parties):
    rows = [{"title": title, "secrecy": "public", "holder": parties[0]} for title in "甲乙"]
    first, _ = put(store, clock, *(("achievement", row) for row in rows))
    put(store, clock, ("deal", {"title": "交易", "stage": "lead", "buyer": parties[0]}))
    with store.read() as connection:
        assert queries.referring(connection, "party", parties[0]) == {
            ("achievement", "holder"): 2,
            ("deal", "buyer"): 1,
        }
    bin_(store, clock, "achievement", first)
    with store.read() as connection:
        assert queries.referring(connection, "party", parties[0])["achievement", "holder"] == 1
        assert queries.referring(connection, "party", parties[1]) == {}
