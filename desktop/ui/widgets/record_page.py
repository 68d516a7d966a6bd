"""The page of one record: header, tabs, form with its checks, and a bar to save; the same for every type."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from desktop.models import drafts, queries
from desktop.models.work import new_id
from desktop.services import records
from desktop.ui import theme
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Chip, MessageBar, button, column, label, row, tool_button
from desktop.ui.widgets.checks_panel import ChecksPanel, recommended
from desktop.ui.widgets.record_form import RecordForm
from desktop.ui.widgets.record_standing import ClosedLine, ConflictLine, StandingChip
from desktop.ui.widgets.record_views import VIEWS
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Mapping

    from PySide6.QtGui import QCloseEvent

    from desktop.models.drafts import Draft
    from desktop.models.work import Changes
    from desktop.ui.widgets.session import Session
    from domain.problems import Problem, Refusal

DRAFT_MS: Final = 2000
STATE_FIELDS: Final = ("stage", "state", "status")
Tab = tuple[str, "Callable[[Session, str, uuid.UUID], QWidget]"]


class RecordPage(QWidget):
    """One record, known or new.

    ``tabs`` adds views of a room after 概况: pairs of a label and ``build(session, record_type, id)``.
    ``actions`` puts a room's buttons into the header.
    """

    left = Signal()
    """The user wants back to the list."""
    titled = Signal(str)

    def __init__(
        self,
        session: Session,
        record_type: str,
        record_id: uuid.UUID | None = None,
        *,
        presets: Mapping[str, Any] | None = None,
        tabs: tuple[Tab, ...] = (),
        actions: tuple[QWidget, ...] = (),
    ) -> None:
        super().__init__()
        self.session, self.known = session, RECORD_TYPES[record_type]
        self.record_id = record_id or new_id()
        self.is_new = record_id is None
        self.values: dict[str, Any] = {}
        self.heading = ""
        self.form = RecordForm(session, record_type)
        self.checks = ChecksPanel()
        self.bar = MessageBar()
        self.standing = StandingChip(session, record_type, self.record_id)
        self.conflict = ConflictLine(session, record_type, self.record_id)
        self.closed = ClosedLine(session, record_type, self.record_id)
        self._tabs: list[tuple[QToolButton, Callable[[], QWidget] | None]] = []
        self._holders: list[QWidget] = []
        self._stack = QStackedWidget()
        self._lay_out(tabs, actions)
        self._autosave = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._autosave.timeout.connect(self.keep_draft)
        self._connect()
        if presets:
            self.form.set_values({**self.form.defaults(), **presets})
        self._check()
        self._say_saved("")
        self.load()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _lay_out(self, tabs: tuple[Tab, ...], actions: tuple[QWidget, ...]) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._header(actions))
        outer.addWidget(self.closed)
        outer.addWidget(self.conflict)
        outer.addWidget(self.bar)
        outer.addWidget(self._stack, 1)
        self.footer = self._footer()
        outer.addWidget(self.footer)
        self._add_tab("概况", self._overview)
        for words, build in (*tabs, *VIEWS):
            self._add_tab(words, partial(build, self.session, self.known.name, self.record_id))
        self._tab_row.addStretch(1)
        self.show_tab(0)

    def _header(self, actions: tuple[QWidget, ...]) -> QFrame:
        header = QFrame()
        header.setProperty("look", "toolbar")
        self.title = label(f"新建{self.known.label}", "title")
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.state = Chip()
        self.state.hide()
        self.about = label(self.known.label, "muted")
        back = tool_button("back", "返回列表", self.left.emit)
        self.remove_button = tool_button("trash", f"删除{self.known.label}", self.remove)
        self._tab_row = row(spacing=0)
        held = column(
            row(back, self.title, self.state, self.standing, self.about, None, *actions, self.remove_button),
            self._tab_row,
            spacing=METRICS.xs,
        )
        held.setContentsMargins(METRICS.l, METRICS.m, METRICS.xl, 0)
        self._tab_row.setContentsMargins(METRICS.s, 0, 0, 0)
        header.setLayout(held)
        return header

    def _overview(self) -> QWidget:
        inside = QWidget()
        inside.setObjectName("canvas")
        held = column(self.form)
        held.setContentsMargins(METRICS.xl, METRICS.l, METRICS.l, METRICS.xl)
        inside.setLayout(held)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        area.setAccessibleName(f"{self.known.label}表单")
        page = QWidget()
        page.setLayout(row(area, self.checks, spacing=0))
        return page

    def _footer(self) -> QFrame:
        footer = QFrame()
        footer.setProperty("look", "footer")
        self.saved = label("", "muted")
        self.revert_button = button("撤销修改", self.revert)
        self.save_button = button("保存", self.save, look="primary", symbol="check")
        self.save_button.setToolTip("保存（Ctrl+S）")
        held = row(self.saved, None, self.revert_button, self.save_button)
        held.setContentsMargins(METRICS.xl, METRICS.s, METRICS.xl, METRICS.s)
        footer.setLayout(held)
        return footer

    def _add_tab(self, words: str, build: Callable[[], QWidget]) -> None:
        tab = QToolButton()
        tab.setText(words)
        tab.setAccessibleName(f"标签页：{words}")
        tab.setProperty("look", "tab")
        tab.setCheckable(True)
        tab.setAutoExclusive(True)
        tab.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        number = len(self._tabs)
        tab.clicked.connect(lambda *_: self.show_tab(number))
        self._tabs.append((tab, build))
        self._holders.append(QWidget())
        self._stack.addWidget(self._holders[-1])
        self._tab_row.addWidget(tab)

    def _connect(self) -> None:
        self.form.edited.connect(self._edited)
        self.form.checked.connect(self._show_checks)
        self.checks.jumped.connect(self._jump)
        self.bar.asked.connect(self.revert)
        self.closed.told.connect(lambda _: self.show_closed(on=self.closed.closed))
        self.session.jobs.changed.connect(self._changed_elsewhere)
        self.session.sync.arrived.connect(self._arrived)

    # ── tabs ────────────────────────────────────────────────────────────────────────────────────

    def show_tab(self, number: int) -> None:
        """Show a tab, building it the first time."""
        tab, build = self._tabs[number]
        if build:
            self._holders[number].setLayout(column(build()))
            self._tabs[number] = (tab, None)
        tab.setChecked(True)
        self._stack.setCurrentIndex(number)

    def tabs(self) -> list[str]:
        """Return the labels of the tabs."""
        return [tab.text() for tab, _ in self._tabs]

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def load(self) -> None:
        """Read the record and its draft."""

        def read(connection: Any) -> tuple[dict[str, Any] | None, Draft | None, str]:
            found = queries.get(connection, self.known.name, self.record_id)
            title = self._title_of(connection, found) if found else ""
            return found, drafts.find(connection, self.record_id), title

        self.session.read(read, self._loaded, owner=self)
        self.closed.reload()

    def _title_of(self, connection: Any, found: dict[str, Any]) -> str:
        """Return what the record is called, also where its title is a reference."""
        field = self.known[self.known.title]
        value = found[field.name]
        if field.kind != "ref" or value is None:
            return self.known.heading_of(found)
        return queries.titles(connection, field.to, [value]).get(value, self.known.label)

    def _loaded(self, read: tuple[dict[str, Any] | None, Draft | None, str]) -> None:
        found, draft, title = read
        self.is_new = found is None
        if found:
            self.values = {field.name: found[field.name] for field in self.known.fields}
            self.form.set_values(self.values)
            now = self.session.desk.clock().astimezone()
            self._show_header(
                title, f"{self.known.label} · 修改于 {formats.moment(found['updated_at'], now)}"
            )
        if draft:
            self.form.put_raw(draft.body)
            if self.form.changed:
                self.bar.say("已恢复未保存的修改。", "info", "放弃")
        self._check()
        self._say_saved("")

    def _show_header(self, title: str, about: str) -> None:
        room = max(self.width() - 420, 320)
        metrics = self.title.fontMetrics()
        self.title.setText(metrics.elidedText(title, Qt.TextElideMode.ElideRight, room))
        self.title.setToolTip(title)
        self.about.setText(about)
        field = next((self.known[name] for name in STATE_FIELDS if name in self.known), None)
        code = self.values.get(field.name) if field and field.kind == "choice" else None
        if field and code:
            self.state.say(self.session.desk.codes[field.codes].label_of(code), theme.tone_of(code))
        self.heading = title
        self.titled.emit(title)

    def show_closed(self, *, on: bool) -> None:
        """Let the record be read and copied only, or changed where it may be; rooms add what they draw."""
        closure = self.closed.closure
        self.form.lock(self.form.cells if on else closure.fields)
        for part in (self.footer, self.checks, self.remove_button):
            part.setHidden(on)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────

    def save(self) -> None:
        """Save what stands in the form, or show everything that is in the way."""
        if self.closed.closed:
            return
        found = self.form.check(everything=True)
        hard = [problem for problem in found if not problem.warning]
        if hard:
            self.bar.say(f"还有 {len(hard)} 处需要修改，改好后再保存；内容已作为草稿留在本机。", "danger")
            self._jump(hard[0].field)
            self.keep_draft()
            return
        self._autosave.stop()
        values, _ = self.form.read()
        self.session.do(
            lambda desk: records.save(
                desk, record_type=self.known.name, record_id=self.record_id, values=values
            ),
            self._saved,
            self._refused,
            owner=self,
            initiator=self,
        )

    def _saved(self, changes: Changes) -> None:
        self.form.settle()
        self.bar.hide()
        at = self.session.desk.clock().astimezone()
        self._say_saved(f"已保存 {at:%H:%M}")
        if changes.touched:
            self.session.say(f"已保存：{changes.label}")
        self.load()

    def _refused(self, refusal: Refusal) -> None:
        self.form.show_problems(refusal.problems)
        self._show_checks(list(refusal.problems))
        self.bar.say("；".join(refusal.messages()), "danger")

    def revert(self) -> None:
        """Give up what was not saved."""
        self._autosave.stop()
        self.bar.hide()
        self.form.set_values(self.values or self.form.defaults())
        self._check()
        self._say_saved("")
        self.session.jobs.write(lambda: records.drop_draft(self.session.desk, record_id=self.record_id))

    def remove(self) -> None:
        """Move the record to the recycle bin and go back to the list."""
        if self.is_new:
            self.revert()
            self.left.emit()
        else:
            self.session.remove(self.known.name, [self.record_id], self.left.emit)

    def keep_draft(self) -> None:
        """Keep what the user has changed, valid or not.

        The fields left alone are no part of the draft of a known record: brought back later they would
        undo what was written to them meanwhile.
        """
        self._autosave.stop()
        if not self.form.changed or self.closed.closed:
            return
        body = self.form.raw() if self.is_new else self.form.edits()
        desk = self.session.desk
        self.session.jobs.write(
            lambda: records.keep_draft(
                desk, record_type=self.known.name, record_id=self.record_id, body=body
            ),
            lambda _: self._say_saved("草稿已存在本机"),
            owner=self,
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_draft()
        super().closeEvent(event)

    # ── state ───────────────────────────────────────────────────────────────────────────────────

    def _edited(self) -> None:
        self._say_saved("有未保存的修改")
        if not self._autosave.isActive():  # every two seconds also for someone who never pauses
            self._autosave.start()

    def _say_saved(self, words: str) -> None:
        changed = self.form.changed
        self.saved.setText(words or ("有未保存的修改" if changed else ""))
        self.revert_button.setEnabled(changed)
        self.save_button.setEnabled(changed or self.is_new)

    def _check(self) -> None:
        _, found = self.form.read()
        self._show_checks(found)

    def _show_checks(self, found: list[Problem]) -> None:
        values, _ = self.form.read()
        self.checks.show_state(self.known, found, recommended(self.known, values))

    def _jump(self, name: str) -> None:
        self.show_tab(0)
        self.form.focus_field(name)

    def _changed_elsewhere(self, changes: Changes, initiator: object) -> None:
        if initiator is self or self.record_id not in changes.ids(self.known.name):
            return
        if any(t.record_id == self.record_id and t.action == "deleted" for t in changes.touched):
            self.left.emit()
        elif self.form.changed:
            self.bar.say("这条记录刚在别处被修改；保存会以这里的内容为准。", "warning")
        else:
            self.load()

    def _arrived(self, types: frozenset[str]) -> None:
        """See whether what sync brought concerns this record."""
        if self.known.name in types and not self.is_new:
            self.session.read(
                lambda connection: queries.get(connection, self.known.name, self.record_id),
                self._compare,
                owner=self,
            )

    def _compare(self, found: dict[str, Any] | None) -> None:
        if found is None or found["deleted_at"] is not None:
            self.bar.say("这条记录已由同事删除或移出本机可见的范围。", "warning")
        elif any(found[name] != value for name, value in self.values.items()):
            if self.form.changed:
                self.bar.say("同事刚修改了这条记录；保存会以这里的内容为准。", "warning")
            else:
                self.load()
