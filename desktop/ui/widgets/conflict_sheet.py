"""A conflict as a sheet over the window: every version, who wrote it and when, and what the choice will do.

It is opened, never waited for. 稍后处理 leaves the conflict in the register; nothing is lost by waiting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QToolButton, QWidget

from desktop.models import queries
from desktop.services import conflict_decisions, conflict_log, conflicts
from desktop.services.conflict_decisions import MINE, THEIRS
from desktop.ui.theme import METRICS
from desktop.ui.widgets import formats
from desktop.ui.widgets.basics import Line, MessageBar, Symbol, button, column, label, restyle, row
from desktop.ui.widgets.conflict_choices import Chooser, Headings, LineChooser, QuestionChooser
from desktop.ui.widgets.scrolled import scrolled
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import uuid

    from PySide6.QtWidgets import QLayout

    from desktop.models.work import Changes
    from desktop.services.conflict_decisions import Choice
    from desktop.services.conflicts import Detail, Entry, Key, Part, Pick, Side
    from desktop.services.conflicts import Line as Version
    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

SIZE: Final = QSize(920, 520)


class ConflictSheet(QDialog):
    """One conflict, to be decided or to be looked at again."""

    def __init__(self, session: Session, conflict_id: uuid.UUID, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.conflict_id = session, conflict_id
        self.detail: Detail | None = None
        self.choosers: list[Chooser] = []
        self.with_it: dict[Key, QCheckBox] = {}
        self.setWindowTitle("处理冲突")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._outer = column(spacing=0)
        self.setLayout(self._outer)
        session.jobs.read(self._read, self._show, self._gone, owner=self)

    def _read(self) -> tuple[Detail, list[str], dict[Key, Pick]]:
        desk = self.session.desk
        found = conflicts.detail(desk, self.conflict_id)
        with desk.store.read() as connection:
            row_held = queries.get(connection, conflicts.CONFLICT, self.conflict_id) or {}
        words = conflict_log.chosen_words(row_held)
        return found, words, {} if found.entry.is_open else conflict_log.last_picks(row_held)

    def _gone(self, refusal: Refusal) -> None:
        self.session.say("；".join(refusal.messages()), "warning")
        self.close()

    # ── building ────────────────────────────────────────────────────────────────────────────────

    def _show(self, read: tuple[Detail, list[str], dict[Key, Pick]]) -> None:
        self.detail, told, picks = read
        self.bar = MessageBar(side=0)
        self.keep_both = QCheckBox("都保留为备注：没有采用的内容写进这条记录的备注")
        self.keep_both.setVisible(self.detail.notes and self.detail.entry.is_open)
        self.effect = label("", wrap=True)
        inside: list[QWidget | QLayout | int | None] = [*self._questions(), *self._accompanying()]
        inside += [label(words, "muted", wrap=True) for words in told]
        page = scrolled("冲突内容", *inside, None, spacing=METRICS.m)
        footer = column(self.keep_both, self.effect, self.bar, self._buttons(), spacing=METRICS.s)
        footer.setContentsMargins(METRICS.xl, METRICS.m, METRICS.xl, METRICS.l)
        self._outer.addLayout(self._header())
        self._outer.addWidget(Line())
        self._outer.addWidget(page, 1)
        self._outer.addWidget(Line())
        self._outer.addLayout(footer)
        for chooser in self.choosers:
            if chooser.key in picks:
                chooser.pick(picks[chooser.key])
            if not self.detail.entry.is_open:
                chooser.settle()
        self.effect.setVisible(self.detail.entry.is_open)
        self._changed()
        self._begin()

    def _begin(self) -> None:
        """Put the keyboard on the first choice, or on the way out where there is none."""
        first = next((option.radio for chooser in self.choosers for option in chooser.options.values()), None)
        usable = first if first and first.isEnabled() else self.later
        usable.setFocus(Qt.FocusReason.TabFocusReason)

    def _header(self) -> QLayout:
        assert self.detail
        entry = self.detail.entry
        known = RECORD_TYPES.get(entry.record_type)
        title = label(entry.title, "title", wrap=True)
        about = self._about()
        look = button("打开记录", self._open_record, look="link")
        look.setVisible(bool(known and entry.record_id))
        head = row(
            Symbol("warning", "warning", 22), title, label(known.label if known else "", "muted"), look
        )
        head.setStretch(1, 1)
        made = column(head, label(about, "muted", wrap=True), spacing=METRICS.xs)
        made.setContentsMargins(METRICS.xl, METRICS.l, METRICS.xl, METRICS.m)
        return made

    def _about(self) -> str:
        assert self.detail
        entry = self.detail.entry
        told = self._what_happened(entry)
        if entry.is_open:
            return f"{told}，谁也没看到对方的改动。两个版本都保留着，请选择以哪个为准。"
        return f"{told}。{entry.decided_by}已处理；{conflicts.UNDO_DAYS} 天内可以撤回。"

    def _what_happened(self, entry: Entry) -> str:
        assert self.detail
        what = f"修改了“{entry.fields or '同一条记录'}”"
        if entry.mine.who and entry.mine.who == entry.theirs.who:
            return f"{entry.mine.who}在两台设备上分别{what}"
        mine, theirs = entry.mine.who or "一方", entry.theirs.who or "另一方"
        if conflicts.DELETION not in entry.fields:
            return f"{mine}、{theirs}各自{what}"
        asks = next((part.action for part in self.detail.parts if part.asks), "set")
        gone, kept = (mine, theirs) if asks == "drop" else (theirs, mine)
        return f"{gone}删除了这条记录，{kept}修改了它"

    def _sides(self) -> tuple[dict[Pick, str], dict[Pick, str]]:
        """Return whose columns they are as the user of this desk would say it, and the facts below."""
        assert self.detail
        entry = self.detail.entry
        mine, theirs = conflicts.people(self.session.desk, entry)
        names: dict[Pick, str] = {"mine": _possessive(mine), "theirs": _possessive(theirs)}
        facts: dict[Pick, str] = {"mine": self._facts(entry.mine), "theirs": self._facts(entry.theirs)}
        order = conflicts.order(self.session.desk, entry)
        return {pick: names[pick] for pick in order}, {pick: facts[pick] for pick in order}

    def _facts(self, side: Side) -> str:
        now = self.session.desk.clock().astimezone()
        return " · ".join(filter(None, (side.who, side.device, formats.moment(side.at, now))))

    def _questions(self) -> list[QWidget | QLayout | int | None]:
        assert self.detail
        parts = self.detail.contested()
        sides, about = self._sides()
        made: list[QWidget | QLayout | int | None] = []
        lines = sum(line.contested for part in parts for line in part.lines)
        if lines:
            heads = Headings(sides, about, offers=lines > 1 and self.detail.entry.is_open)
            heads.taken.connect(self._take_all)
            made.append(heads)
        for part in parts:
            if len(parts) > 1 or part.asks:
                made.append(label(f"{RECORD_TYPES[part.record_type].label}“{part.title}”", "label"))
            if part.asks:
                made.append(self._add(QuestionChooser(part, sides)))
                made += [label(_pair(line), "muted", wrap=True) for line in part.lines[:12]]
            made += [
                self._add(LineChooser(self.session, line, sides)) for line in part.lines if line.contested
            ]
        return made

    def _add(self, chooser: Chooser) -> Chooser:
        assert self.detail
        chooser.changed.connect(self._changed)
        self.choosers.append(chooser)
        return chooser

    def _take_all(self, pick: Pick) -> None:
        for chooser in self.choosers:
            if isinstance(chooser, LineChooser):
                chooser.pick(pick)

    def _accompanying(self) -> list[QWidget | QLayout | int | None]:
        """Return what goes along, folded away: only one side wrote it, so there is nothing to choose."""
        assert self.detail
        found = self.detail.accompanying()
        if not found:
            return []
        inner = column(spacing=METRICS.xs)
        for part, line in found:
            box = QCheckBox(_with_words(part, line))
            box.setChecked(True)
            box.setEnabled(self.detail.entry.is_open)
            box.toggled.connect(self._changed)
            self.with_it[line.key if line else part.key] = box
            inner.addWidget(box)
        holder = QWidget()
        holder.setLayout(inner)
        fold = QToolButton()
        fold.setText(f"▸ 同一次操作的另外 {len(found)} 处改动，只有一方写过，一并采用")
        fold.setAccessibleName("展开同一次操作的其他改动")
        fold.setCheckable(True)
        fold.toggled.connect(holder.setVisible)
        fold.toggled.connect(lambda on: fold.setText(("▾" if on else "▸") + fold.text()[1:]))
        self.fold = fold
        made = QWidget()
        made.setLayout(column(row(fold, None), holder, spacing=METRICS.xs))
        holder.hide()
        return [made]

    def _buttons(self) -> QLayout:
        assert self.detail
        self.later = button("稍后处理", self.close)
        self.later.setToolTip("留在冲突登记里，什么也不会丢失")
        if not self.detail.entry.is_open:
            self.undo_button = button("撤回处理", self.reopen)
            self.later.setText("关闭")
            return row(None, self.undo_button, self.later)
        self.go = button("采用所选", self.decide, look="primary", symbol="check")
        return row(None, self.later, self.go)

    # ── choosing ────────────────────────────────────────────────────────────────────────────────

    def _changed(self, *_: Any) -> None:
        """Say what the choice will do, and let it be made once everything is chosen."""
        if self.detail is None or not self.detail.entry.is_open:
            return
        chosen = [chooser for chooser in self.choosers if chooser.picked]
        missing = len(self.choosers) - len(chosen)
        done = "；".join(chooser.effect() for chooser in chosen)
        dropped = sum(not box.isChecked() for box in self.with_it.values())
        along = f"；另有 {dropped} 处不采用" if dropped else ""
        if missing:
            words = f"还有 {missing} 处没有选择。" + (f"已选：{done}。" if done else "")
        else:
            words = f"保存后：{done}{along}。" if done else f"保存后关闭这个冲突{along}。"
        self.effect.setText(words)
        restyle(self.effect, role="muted" if missing else "body")
        self.go.setEnabled(not missing and all(chooser.choice() for chooser in self.choosers))

    def choices(self) -> dict[Key, Choice]:
        """Return everything that is chosen."""
        made = {chooser.key: choice for chooser in self.choosers if (choice := chooser.choice())}
        return made | {key: MINE if box.isChecked() else THEIRS for key, box in self.with_it.items()}

    def decide(self) -> None:
        """Write the choice."""
        wanted, note = self.choices(), self.keep_both.isChecked()
        self.session.do(
            lambda desk: conflict_decisions.decide(
                desk, conflict_id=self.conflict_id, choices=wanted, keep_both_as_note=note
            ),
            self._decided,
            self._refused,
            owner=self,
        )

    def reopen(self) -> None:
        """Take a decision back."""
        self.session.do(
            lambda desk: conflict_decisions.reopen(desk, conflict_id=self.conflict_id),
            self._decided,
            self._refused,
            owner=self,
        )

    def _decided(self, changes: Changes) -> None:
        self.session.say(f"已{changes.label}", undo=True)
        self.close()

    def _refused(self, refusal: Refusal) -> None:
        self.bar.say("；".join(refusal.messages()), "danger")

    def _open_record(self) -> None:
        assert self.detail
        part = next(iter(self.detail.parts), None)
        self.close()
        if part:
            self.session.open(part.record_type, part.record_id)


def _possessive(name: str) -> str:
    return name if name == "对方" else f"{name}的"


def _pair(line: Version) -> str:
    return f"{line.label}：{line.theirs} → {line.mine}"


def _with_words(part: Part, line: Version | None) -> str:
    known = RECORD_TYPES[part.record_type]
    if line is not None:
        return f"{part.title} · {_pair(line)}"
    did = {"new": "新建", "drop": "删除", "back": "恢复", "other": "移交或公开"}.get(part.action, "修改")
    return f"{did}{known.label}" + (f"“{part.title}”" if part.title != known.label else "")
