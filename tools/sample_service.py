"""The services of the sample agency: experts, training, events, visits, tasks, library and its own year."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from tools.sample_trade import TODAY, brokers, key

if TYPE_CHECKING:
    from tools.sample_trade import Record


def experts() -> list[Record]:
    rows = (
        ("郑怀谷", "浙江工业大学", "full-senior", ("05",)),
        ("孟昭阳", "西安交通大学", "full-senior", ("02", "03")),
        ("温书禾", "中国科学院合肥物质科学研究院", "associate-senior", ("07", "01")),
        ("海工涂层团队", "青岛海洋新材料研究所", None, ("05", "10")),
    )
    return [
        (
            "expert",
            key("expert", name),
            {
                "name": name,
                "unit_name": unit,
                "party": key("party", unit),
                "professional_title": title,
                "fields": fields,
                "is_team": "团队" in name,
                "consents_to_publish": title == "full-senior",
                "fee": Decimal(3000),
            },
        )
        for name, unit, title, fields in rows
    ]


def training() -> list[Record]:
    rows = (
        ("2026年第一期初级技术经纪人培训班", "junior", "2026-03-16", "2026-03-20", "enrolling", 42),
        ("2025年第四期中级技术经纪人培训班", "middle", "2025-11-03", "2025-11-12", "closed", 36),
        ("2025年高级技术经理人研修班", "senior", "2025-09-08", "2025-09-19", "closed", 18),
    )
    return [
        (
            "training_class",
            key("training_class", name),
            {
                "name": name,
                "level": level,
                "programme": "国家技术转移专业人员能力等级培训",
                "organiser": "示例技术转移人才培养基地",
                "place": "杭州",
                "starts_on": start,
                "ends_on": end,
                "hours": Decimal(72),
                "trainees": Decimal(trainees),
                "issuer": "示例技术转移人才培养基地",
                "state": state,
            },
        )
        for name, level, start, end, state, trainees in rows
    ]


def certificates() -> list[Record]:
    made: list[Record] = []
    class_name = "2025年第四期中级技术经纪人培训班"
    for number, (_, broker, values) in enumerate(brokers(), start=1):
        passed = number != 5
        enrolment = {
            "training_class": key("training_class", class_name),
            "broker": broker,
            "attended_hours": Decimal(72 - number),
            "attendance": Decimal(100 - number),
            "mark": Decimal(70 + 4 * number if passed else 52),
            "passed": passed,
        }
        made.append(("enrolment", key("enrolment", values["name"]), enrolment))
        certificate = {
            "certificate_no": f"JJR-2025-{number:05d}",
            "holder": broker,
            "holder_name": values["name"],
            "training_class": key("training_class", class_name),
            "level": "middle",
            "issuer": "示例技术转移人才培养基地",
            "issued_on": dt.date(2025, 11, 28),
            "programme": "国家技术转移专业人员能力等级培训",
            "trained_from": dt.date(2025, 11, 3),
            "trained_to": dt.date(2025, 11, 12),
            "hours": Decimal(72),
            "result": "合格",
            "state": "issued" if number < 4 else "draft",
        }
        if passed:
            made.append(("certificate", key("certificate", values["name"]), certificate))
    return made


def events() -> list[Record]:
    rows = (
        ("新材料成果专场对接会", "matchmaking", dt.date(2026, 3, 20), "杭州未来科技城", None, None),
        ("储能技术需求揭榜路演", "roadshow", dt.date(2026, 1, 15), "苏州高新区", "126", "9"),
        ("高校院所走进产业园", "matchmaking", dt.date(2025, 10, 30), "宁波镇海", "210", "17"),
    )
    return [
        (
            "event",
            key("event", title),
            {
                "title": title,
                "kind": kind,
                "brand": "联百校转千果",
                "held_on": day,
                "place": place,
                "attendants": Decimal(people) if people else None,
                "intents": Decimal(intents) if intents else None,
            },
        )
        for title, kind, day, place, people, intents in rows
    ]


def visits() -> list[Record]:
    rows = (
        ("储能产线升级需求摸底", "苏州澄湖储能科技有限公司", dt.date(2026, 2, 26), "发送正极材料中试报告", 5),
        ("废盐资源化现场考察", "杭州西溪环保工程有限公司", dt.date(2026, 2, 12), "约专家赴厂取样", -1),
        ("新学期成果盘点", "浙江工业大学", dt.date(2026, 1, 22), "整理可转让专利清单", 12),
    )
    return [
        (
            "site_visit",
            key("site_visit", title),
            {
                "title": title,
                "party": key("party", party),
                "kind": "enterprise",
                "visited_on": day,
                "place": "客户现场",
                "visitors": "王喆、赵清越",
                "needs": "希望三个月内看到样品数据。",
                "next_step": step,
                "next_on": TODAY + dt.timedelta(days=days),
            },
        )
        for title, party, day, step, days in rows
    ]


def tasks() -> list[Record]:
    rows = (
        ("补齐低温正极材料工艺许可的登记材料", "running", 1, "王喆"),
        ("回访苏州澄湖：中试报告反馈", "planned", 3, "赵清越"),
        ("提交2025年度绩效评价佐证清单", "running", 29, "单晓旻"),
        ("约定石墨烯涂层合作开发议价会", "planned", -2, "王喆"),
        ("核对第四期学员身份信息", "done", -10, "周甯"),
    )
    return [
        (
            "task",
            key("task", title),
            {"title": title, "state": state, "due_on": TODAY + dt.timedelta(days=days), "assignee": who},
        )
        for title, state, days, who in rows
    ]


def library() -> list[Record]:
    return [
        (
            "success_case",
            key("success_case", "发泡剂"),
            {
                "title": "一项发泡剂专利如何走进保温板工厂",
                "deal": key("deal", "无氯氟聚氨酯发泡剂专利转让"),
                "technical_field": "05",
                "parties": "浙江工业大学、杭州西溪环保工程有限公司",
                "amount": Decimal(2600000),
                "background": "企业急需替代含氟发泡剂，学校有成熟专利而缺少放大验证。",
                "may_publish": True,
            },
        ),
        (
            "resource",
            key("resource", "中试"),
            {
                "name": "精细化工中试基地（千吨级）",
                "kind": "pilot-base",
                "owner": key("party", "浙江工业大学"),
                "fields": ("05", "07"),
                "is_open": True,
            },
        ),
        (
            "scenario",
            key("scenario", "港口"),
            {
                "name": "智慧港口受电设施状态监测",
                "owner": key("party", "青岛海洋新材料研究所"),
                "technical_field": "10",
                "budget": Decimal(1500000),
                "opens_on": dt.date(2026, 1, 1),
                "closes_on": dt.date(2026, 12, 31),
            },
        ),
    ]


def agency() -> list[Record]:
    return [
        (
            "agency",
            key("agency", "2025"),
            {
                "name": "示例技术转移中心",
                "year": Decimal(2025),
                "kind": "A",
                "party": key("party", "示例技术转移中心"),
                "region": "330100",
                "level": "province",
                "operating_income": Decimal(8600000),
                "total_income": Decimal(9200000),
                "technical_income": Decimal(7100000),
                "has_bylaws": True,
            },
        ),
        *(
            (
                "staff_member",
                key("staff_member", name),
                {
                    "name": name,
                    "agency_name": "示例技术转移中心",
                    "employment": "full",
                    "is_technical": True,
                    "position": position,
                    "joined_on": dt.date(2021, 7, 1),
                },
            )
            for name, position in (("王喆", "高级经理"), ("赵清越", "项目专员"), ("单晓旻", "评价专员"))
        ),
    ]
