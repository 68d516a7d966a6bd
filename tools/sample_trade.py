"""The trade of the sample agency: clients, achievements, demands, brokers, deals and payments."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Final

Record = tuple[str, uuid.UUID, dict[str, Any]]
NAMESPACE: Final = uuid.UUID("6f0f2f3e-55a5-5c1e-9c55-6a1d1f0c7a11")
TODAY: Final = dt.date(2026, 3, 2)


def key(record_type: str, name: str) -> uuid.UUID:
    """Return the id of a sample record, the same at every run."""
    return uuid.uuid5(NAMESPACE, f"{record_type}/{name}")


def parties() -> list[Record]:
    rows = (
        ("浙江工业大学", "12100000425006117P", ("supplier",), "022", "330100", "83"),
        ("西安交通大学", None, ("supplier",), "022", "610100", "83"),
        ("中国科学院合肥物质科学研究院", None, ("supplier",), "021", "340100", "73"),
        ("武汉理工大学", None, ("supplier",), "022", "420100", "83"),
        ("青岛海洋新材料研究所", None, ("supplier", "partner"), "021", "370200", "73"),
        ("苏州澄湖储能科技有限公司", None, ("demander",), "150", "320500", "38"),
        ("深圳前沿精密制造股份有限公司", None, ("demander",), "160", "440300", "35"),
        ("成都锦江生物医药有限公司", None, ("demander",), "150", "510100", "27"),
        ("杭州西溪环保工程有限公司", None, ("demander",), "150", "330106", "77"),
        ("浦东智联传感技术有限公司", None, ("demander",), "150", "310115", "39"),
        ("示例技术转移中心", None, ("agency",), "024", "330100", "75"),
        ("浙江创投成果转化基金", None, ("investor",), "150", "330100", "67"),
    )
    return [
        (
            "party",
            key("party", name),
            {
                "name": name,
                "kind": "organisation",
                "credit_code": code,
                "roles": roles,
                "nature": nature,
                "region": region,
                "country": "156",
                "industry": industry,
                "is_high_tech": "demander" in roles,
                "is_research_body": nature in ("021", "022"),
                "phone": "0571-88320000" if region.startswith("33") else None,
                "address": "潮王路18号" if name == "浙江工业大学" else None,
            },
        )
        for name, code, roles, nature, region, industry in rows
    ]


def contacts() -> list[Record]:
    rows = (
        ("浙江工业大学", "沈立群", "技术转移中心主任", "13805710001"),
        ("浙江工业大学", "顾晓岚", "成果专员", "13805710002"),
        ("苏州澄湖储能科技有限公司", "陆一鸣", "研发副总", "13906120003"),
        ("杭州西溪环保工程有限公司", "姚敏", "总工程师", "13757110004"),
    )
    return [
        (
            "contact",
            key("contact", name),
            {"party": key("party", party), "name": name, "position": position, "mobile": mobile},
        )
        for party, name, position, mobile in rows
    ]


def achievements() -> list[Record]:
    rows = (
        ("无氯氟聚氨酯化学发泡剂", "浙江工业大学", "05", "mass", "8", "2600000", ("assign", "licence")),
        ("高镍三元正极材料低温合成工艺", "武汉理工大学", "06", "pilot", "6", "12000000", ("licence",)),
        (
            "大气细颗粒物源解析在线监测仪",
            "中国科学院合肥物质科学研究院",
            "07",
            "mass",
            "9",
            "8500000",
            ("joint",),
        ),
        ("海洋防腐石墨烯涂层", "青岛海洋新材料研究所", "05", "pilot", "7", "4800000", ("assign",)),
        ("航空发动机叶片激光冲击强化", "西安交通大学", "02", "small-trial", "5", "30000000", ("equity",)),
        ("面向柔性产线的视觉引导机器人", "西安交通大学", "03", "sample", "5", None, ("joint", "service")),
        ("抗肿瘤双抗药物分子设计平台", "浙江工业大学", "04", "research", "3", None, ("joint",)),
        ("稻田甲烷减排微生物菌剂", "浙江工业大学", "09", "pilot", "6", "1500000", ("licence",)),
        ("城轨车辆受电弓状态智能诊断", "武汉理工大学", "10", "mass", "8", "3200000", ("assign",)),
        ("工业废盐资源化分质结晶技术", "浙江工业大学", "07", "pilot", "6", "6800000", ("licence", "service")),
        (
            "高精度时间数字转换芯片",
            "中国科学院合肥物质科学研究院",
            "01",
            "sample",
            "4",
            "9000000",
            ("equity",),
        ),
        ("建筑垃圾再生骨料透水混凝土", "武汉理工大学", "11", "mass", "9", "980000", ("assign",)),
    )
    return [
        (
            "achievement",
            key("achievement", title),
            {
                "title": title,
                "holder": key("party", holder),
                "technical_field": field,
                "maturity": maturity,
                "trl": trl,
                "region": "330100" if "浙江" in holder else None,
                "cooperation_modes": modes,
                "asking_price": Decimal(price) if price else None,
                "secrecy": "public",
                "keywords": "聚氨酯；发泡剂；环保" if "发泡剂" in title else None,
                "summary": f"{title}：已形成完整工艺包与中试数据，关键指标优于现有方案，可按客户工况定制。",
                "research_from": "2021-03",
                "research_to": "2024-06",
            },
        )
        for title, holder, field, maturity, trl, price, modes in rows
    ]


def rights() -> list[Record]:
    rows = (
        ("ZL201910603565.1", "无氯氟聚氨酯化学发泡剂", "一种无氯氟聚氨酯化学发泡剂的制备方法", "granted"),
        ("2024SR0312345", "大气细颗粒物源解析在线监测仪", "源解析数据处理软件", "granted"),
    )
    made: list[Record] = [
        (
            "ip_right",
            key("ip_right", number),
            {
                "right_no": number,
                "achievement": key("achievement", title),
                "kind": "patent-invention" if number.startswith("ZL") else "software",
                "name": name,
                "status": status,
            },
        )
        for number, title, name, status in rows
    ]
    team = (("郑怀谷", "教授", "40"), ("林若溪", "副教授", "35"), ("何远舟", "工程师", "25"))
    for rank, (name, title, share) in enumerate(team, start=1):
        values = {
            "achievement": key("achievement", "无氯氟聚氨酯化学发泡剂"),
            "rank": Decimal(rank),
            "name": name,
            "professional_title": title,
            "unit_name": "浙江工业大学",
            "share": Decimal(share),
        }
        made.append(("team_member", key("team_member", name), values))
    return made


def demands() -> list[Record]:
    rows = (
        (
            "长寿命低成本储能电芯正极材料",
            "苏州澄湖储能科技有限公司",
            "06",
            "320500",
            "5000000",
            "matching",
            "bid",
        ),
        (
            "精密结构件表面缺陷在线检测",
            "深圳前沿精密制造股份有限公司",
            "03",
            "440300",
            "1800000",
            "published",
            "open",
        ),
        (
            "双特异性抗体稳定表达细胞株",
            "成都锦江生物医药有限公司",
            "04",
            "510100",
            "3500000",
            "approved",
            "directed",
        ),
        ("高盐废水零排放工艺优化", "杭州西溪环保工程有限公司", "07", "330106", "2200000", "matching", "open"),
        (
            "低功耗压力传感芯片封装",
            "浦东智联传感技术有限公司",
            "01",
            "310115",
            "1200000",
            "submitted",
            "open",
        ),
        ("老旧产线能耗监测与节能改造", "深圳前沿精密制造股份有限公司", "06", "440300", None, "draft", "open"),
        ("聚氨酯保温板阻燃配方", "杭州西溪环保工程有限公司", "05", "330106", "600000", "solved", "directed"),
    )
    return [
        (
            "demand",
            key("demand", title),
            {
                "title": title,
                "demander": key("party", party),
                "technical_field": field,
                "region": region,
                "budget": Decimal(budget) if budget else None,
                "state": state,
                "mode": mode,
                "secrecy": "public",
                "problem": f"{title}：现有方案成本高、稳定性不足，希望在一年内完成验证。",
            },
        )
        for title, party, field, region, budget, state, mode in rows
    ]


def brokers() -> list[Record]:
    rows = (
        ("王喆", "senior", "full", "110105194912310021"),
        ("欧阳堃祎", "middle", "full", None),
        ("单晓旻", "middle", "part", None),
        ("赵清越", "junior", "full", None),
        ("周甯", "junior", "part", None),
        ("买买提江·阿卜杜热合曼", "junior", "full", None),
    )
    return [
        (
            "broker",
            key("broker", name),
            {
                "name": name,
                "level": level,
                "id_kind": "citizen-id",
                "id_number": number,
                "unit_name": "示例技术转移中心",
                "agency": key("party", "示例技术转移中心"),
                "employment": employment,
                "specialities": ("05", "06"),
                "mobile": "13800138000",
            },
        )
        for name, level, employment, number in rows
    ]


def deals() -> list[Record]:
    rows = (
        ("无氯氟聚氨酯发泡剂专利转让", "archiving", "assign-patent", 0, 8, "2600000", "2600000", "2600000"),
        ("低温正极材料工艺许可", "registration", "licence-secret", 3, 5, "12000000", "9600000", "3600000"),
        ("源解析监测仪委托开发", "signing", "dev-commission", 2, 8, "3800000", "3200000", "760000"),
        ("石墨烯涂层合作开发", "negotiation", "dev-cooperation", 4, 6, "4800000", None, None),
        ("激光冲击强化作价入股", "appraisal", "assign-patent", 1, 6, "30000000", None, None),
        ("视觉引导机器人技术服务", "contact", "service-general", 1, 9, None, None, None),
        ("废盐分质结晶技术许可", "negotiation", "licence-patent", 0, 8, "6800000", None, None),
        ("受电弓智能诊断转让", "contact", "assign-software", 3, 6, "3200000", None, None),
        ("菌剂田间示范技术咨询", "lead", "consult-feasibility", 0, 7, "150000", None, None),
        ("时间数字转换芯片联合开发", "lead", "dev-cooperation", 2, 9, None, None, None),
        ("透水混凝土配方转让", "terminated", "assign-secret", 3, 8, "980000", None, None),
    )
    names = [values["name"] for _, _, values in parties()]
    return [
        (
            "deal",
            key("deal", title),
            {
                "title": title,
                "stage": stage,
                "contract_type": kind,
                "seller": key("party", names[seller]),
                "buyer": key("party", names[buyer]),
                "broker": key("broker", "王喆"),
                "deal_amount": Decimal(total) if total else None,
                "technical_amount": Decimal(technical) if technical else None,
                "paid_amount": Decimal(paid) if paid else None,
                "signed_on": dt.date(2025, 11, 18) if technical else None,
                "pricing_route": "agreement" if total else None,
                "registration_no": "2025330102000317" if stage == "archiving" else None,
                "achievement": key("achievement", "无氯氟聚氨酯化学发泡剂") if stage == "archiving" else None,
            },
        )
        for title, stage, kind, seller, buyer, total, technical, paid in rows
    ]


def payments() -> list[Record]:
    rows = (
        ("无氯氟聚氨酯发泡剂专利转让", dt.date(2025, 12, 2), "1600000", "down", "ICBC-20251202-018"),
        ("无氯氟聚氨酯发泡剂专利转让", dt.date(2026, 1, 20), "1000000", "final", "ICBC-20260120-007"),
        ("低温正极材料工艺许可", dt.date(2025, 12, 28), "3600000", "down", "CCB-20251228-101"),
    )
    return [
        (
            "payment",
            key("payment", voucher),
            {
                "deal": key("deal", deal),
                "paid_on": day,
                "amount": Decimal(amount),
                "technical_part": Decimal(amount),
                "kind": kind,
                "voucher_no": voucher,
            },
        )
        for deal, day, amount, kind, voucher in rows
    ]
