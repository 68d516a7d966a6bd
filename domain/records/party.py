"""客户: the organisations and persons between whom technology moves (登记表 JJ-001, rows 13 to 16)."""

from __future__ import annotations

import uuid

from domain.fields import choice, choices, flag, note, record, ref, text


@record(
    "party",
    "客户",
    group="clients",
    title="name",
    identity=("name",),
    aliases=("单位", "企业", "organisation"),
)
class Party:
    """A supplier, demander, agency or person; the flags are those of the contract registration form."""

    id: uuid.UUID
    name: str = text(
        "名称",
        required=True,
        max=120,
        listed=26,
        searched=True,
        pinyin=True,
        heading="基本信息",
        example="浙江工业大学",
        aliases=("单位名称", "企业名称", "organisation", "name", "机构名称"),
    )
    kind: str = choice(
        "类别", "party-kind", required=True, default="organisation", listed=6, heading="基本信息"
    )
    credit_code: str | None = text(
        "统一社会信用代码",
        max=18,
        listed=18,
        searched=True,
        format="credit-code",
        heading="基本信息",
        example="12100000425006117P",
        aliases=("信用代码", "uscc", "社会信用代码"),
    )
    roles: tuple[str, ...] = choices("角色", "party-role", listed=10, heading="基本信息")
    nature: str | None = choice("单位性质", "party-nature", listed=10, heading="登记信息", aliases=("性质",))
    region: str | None = choice(
        "所在地区",
        "region",
        listed=12,
        heading="登记信息",
        aliases=("地区", "行政区划", "province", "city", "省份", "城市"),
    )
    country: str | None = choice("国别", "country", default="156", heading="登记信息")
    industry: str | None = choice("国民经济行业", "industry", heading="登记信息", aliases=("行业",))
    size: str | None = choice("企业规模", "enterprise-size", heading="登记信息", aliases=("规模",))
    is_transfer_agency: bool = flag("技术转移机构", heading="登记信息")
    is_research_body: bool = flag("研发机构", heading="登记信息")
    is_converted_institute: bool = flag("转制院所", heading="登记信息")
    in_national_zone: bool = flag("国家高新区内", heading="登记信息", aliases=("高新区",))
    is_listed: bool = flag("上市公司", heading="登记信息")
    is_high_tech: bool = flag("高新技术企业", heading="登记信息")
    citizen_id: str | None = text(
        "身份证号",
        max=18,
        format="citizen-id",
        personal=True,
        heading="联系方式",
        example="11010519491231002X",
    )
    legal_representative: str | None = text(
        "法定代表人", max=60, heading="联系方式", aliases=("法人", "法人代表")
    )
    address: str | None = text("地址", max=200, searched=True, heading="联系方式", aliases=("通讯地址",))
    postcode: str | None = text("邮编", max=10, heading="联系方式")
    phone: str | None = text(
        "电话", max=40, format="phone", personal=True, heading="联系方式", aliases=("联系电话",)
    )
    email: str | None = text("邮箱", max=120, format="email", heading="联系方式", aliases=("电子邮箱",))
    web: str | None = text("网址", max=200, format="web", heading="联系方式")
    profile: str | None = note("简介", max=2000, searched=True, heading="其他")
    parent: uuid.UUID | None = ref("上级单位", "party", heading="其他")
    remark: str | None = note("备注", max=1000, heading="其他", aliases=("note",))
    source: str | None = text("来源", max=500, heading="其他", aliases=("source_url", "数据来源"))
