"""The paper of one certificate, and what may become of it: suspended, revoked, replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from desktop.models import queries
from desktop.services import certificate_papers, certificate_states
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import Card, Line, MessageBar, button, label, row
from desktop.ui.widgets.pdf_preview import PdfPreview
from desktop.ui.widgets.sync_feed import concerns

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from desktop.models.work import Changes
    from desktop.services.desk import Desk
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

WORDS = {
    "draft": "草稿：打印出来带“草稿”字样，没有签名和验证码。",
    "issued": "已签发：这里显示的就是存档的签名文件，重印一字不差。",
    "registered": "已备案：这里显示的就是存档的签名文件，重印一字不差。",
    "suspended": "已暂停：信任名单上注明暂停，验证时会提示。",
    "revoked": "已撤销：信任名单上注明撤销，验证时会提示；文件留存备查。",
    "replaced": "已换发：以新证书为准；文件留存备查。",
}


class Change(Protocol):
    """A command that changes the state of certificates for a reason."""

    def __call__(self, desk: Desk, /, *, ids: list[uuid.UUID], reason: str) -> Changes: ...


class Paper(Card):
    """The page a certificate prints, from the bytes that would be saved."""

    def __init__(self, session: Session, _record_type: str, certificate_id: uuid.UUID) -> None:
        super().__init__()
        self.session, self.certificate_id = session, certificate_id
        self.state = ""
        self.bar = MessageBar(side=0)
        self.words = label("", "muted")
        self._confirmed: Callable[[], None] = self._replace
        self.suspend_button = button("暂停…", self._ask_suspend)
        self.reinstate_button = button("恢复", self._reinstate)
        self.revoke_button = button("撤销证书…", self._ask_revoke, look="danger")
        self.replace_button = button("换发新证…", self._ask_replace)
        self.preview = PdfPreview("还不能预览", "先保存证书，这里就显示将要打印的那一页。", session.jobs)
        tools = row(
            self.words,
            None,
            self.suspend_button,
            self.reinstate_button,
            self.revoke_button,
            self.replace_button,
        )
        self.body.addLayout(tools)
        self.body.addWidget(self.bar)
        self.body.addWidget(Line())
        self.body.addWidget(self.preview, 1)
        self.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.m)
        self.bar.asked.connect(self._confirm)
        session.jobs.changed.connect(self._written)
        self._show_state("")
        self.reload()

    def reload(self) -> None:
        """Read the state and fetch the page again, in a worker."""
        desk, key = self.session.desk, self.certificate_id

        def read() -> tuple[str, str, bytes]:
            with desk.store.read() as connection:
                found: dict[str, Any] = queries.get(connection, "certificate", key) or {}
            name = f"{found.get('certificate_no', '')}_{found.get('holder_name', '')}"
            return found.get("state", ""), name, certificate_papers.printed(desk, [key])

        self.session.jobs.read(read, self._show, self._unprintable, owner=self)

    def _show(self, read: tuple[str, str, bytes]) -> None:
        state, name, content = read
        self._show_state(state)
        self.preview.show_bytes(content, name)

    def _show_state(self, state: str) -> None:
        self.state = state
        self.words.setText(WORDS.get(state, ""))
        valid = state in certificate_states.VALID
        self.suspend_button.setVisible(valid)
        self.reinstate_button.setVisible(state == "suspended")
        for widget in (self.revoke_button, self.replace_button):
            widget.setVisible(state in certificate_states.NOT_ENDED)

    def _unprintable(self, refusal: Refusal) -> None:
        self.preview.say("还不能预览", "；".join(refusal.messages()))

    def _written(self, changes: Changes, _initiator: object) -> None:
        if concerns(changes, "certificate", self.certificate_id):
            self.reload()

    # ── what becomes of it ──────────────────────────────────────────────────────────────────────

    def _ask_suspend(self) -> None:
        self._ask_why("暂停期间，验证时提示证书已暂停。", "确认暂停", certificate_states.suspend)

    def _ask_revoke(self) -> None:
        self._ask_why("撤销后证书不再有效，也不能恢复。", "确认撤销", certificate_states.revoke)

    def _ask_why(self, words: str, action: str, change: Change) -> None:
        def confirmed() -> None:
            reason = self.bar.words
            self._turn(lambda desk: change(desk, ids=[self.certificate_id], reason=reason))

        self._confirmed = confirmed
        self.bar.say(words, "warning", action, asks="原因，可不填")

    def _reinstate(self) -> None:
        self._turn(lambda desk: certificate_states.reinstate(desk, ids=[self.certificate_id]))

    def _confirm(self) -> None:
        self._confirmed()

    def _turn(self, change: Callable[[Desk], Changes]) -> None:
        self.bar.hide()
        self.session.do(
            change,
            lambda changes: self.session.say(f"已{changes.label}", undo=True),
            self._refused,
            owner=self,
        )

    def _ask_replace(self) -> None:
        self._confirmed = self._replace
        self.bar.say(
            "换发后原证书作废，新证书在原编号后加 -R1，姓名、照片等取经纪人现在的记录；此操作不能撤销。",
            "warning",
            "确认换发",
        )

    def _replace(self) -> None:
        self.bar.hide()
        day = self.session.desk.today()
        self.session.do(
            lambda desk: certificate_states.replace(desk, certificate_id=self.certificate_id, issued_on=day),
            self._replaced,
            self._refused,
            owner=self,
        )

    def _replaced(self, changes: Changes) -> None:
        self.session.say(f"已{changes.label}")
        desk = self.session.desk
        new = next(key for key in changes.ids("certificate") if key != self.certificate_id)
        self.session.jobs.read(
            lambda: certificate_papers.make(desk, [new]),
            lambda _: self.session.open("certificate", new),
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "danger")
