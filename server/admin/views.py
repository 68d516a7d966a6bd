"""How the administrators' pages are put together: everything is escaped, nothing foreign is loaded."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from domain.scopes import ROLE_LABELS
from server.accounts.blocks import STATES as BLOCK_STATES
from server.accounts.organisations import KIND_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.admin.sessions import Session

CHINA: Final = dt.timezone(dt.timedelta(hours=8), "UTC+8")
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",  # with no-referrer browsers send "Origin: null" with our own forms
    "X-Content-Type-Options": "nosniff",
}
TABS: Final = (
    ("/admin", "概况"),
    ("/admin/accounts", "账号"),
    ("/admin/devices", "设备"),
    ("/admin/blocks", "号段"),
    ("/admin/audit", "操作记录"),
)
DEEDS: Final[Mapping[str, str]] = {
    "organisation-add": "新建机构",
    "account-add": "新建账号",
    "invite": "发出邀请",
    "password": "更改密码",
    "disable": "停用账号",
    "enable": "恢复账号",
    "register": "登记设备",
    "succeed": "副本转为新设备",
    "leave": "退出登录",
    "revoke": "停用设备",
    "wipe": "停用并擦除设备",
    "wipe-told": "擦除命令已送达",
    "block-return": "交回号段",
    "trust": "公布信任名单",
    "admin-login": "登录管理页面",
    "restored": "从备份恢复",
}


def moment(at: dt.datetime | None) -> str:
    """Return a time as people here read it."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if at else "—"


def page(template: str, session: Session | None, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page made from a template."""
    body = _PAGES.get_template(template).render(session=session, **facts)
    return HTMLResponse(body, status, headers=dict(HEADERS))


_PAGES: Final = Environment(
    loader=PackageLoader("server.admin"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_PAGES.filters["moment"] = moment
_PAGES.globals.update(tabs=TABS, roles=ROLE_LABELS, kinds=KIND_LABELS, deeds=DEEDS, block_states=BLOCK_STATES)
