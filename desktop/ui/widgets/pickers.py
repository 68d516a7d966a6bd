"""One line to type in and a list to pick from: for codes of any list and for records of any type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QWidget

from desktop.models import queries
from desktop.models.queries import Query
from desktop.models.work import new_id
from desktop.services import records
from desktop.ui.widgets.basics import icon
from domain.codes import CodeList, fold
from domain.fields import RECORD_TYPES

if TYPE_CHECKING:
    import datetime as dt
    import uuid

    from PySide6.QtGui import QMouseEvent

    from desktop.ui.widgets.session import Session
    from domain.problems import Refusal

MOST: Final = 60
DEBOUNCE_MS: Final = 150
POPUP_CHROME: Final = 40
POPUP_WIDEST: Final = 520


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: what it stands for and what is shown."""

    key: Any
    words: str


class Picker(QLineEdit):
    """A line edit with a list that follows what is typed; subclasses know what to suggest.

    ``key`` is what was picked, or None while the words are only words.
    """

    picked = Signal(object)
    """The key, or None when the line was emptied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key: Any = None
        self._offered: list[Suggestion] = []
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        self._completer.setWidget(self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        self._popup = QListView()
        self._popup.setAccessibleName("候选列表")
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._popup.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._completer.setPopup(self._popup)
        self._completer.activated.connect(lambda *_: self._choose())
        arrow = self.addAction(icon("down", "muted"), QLineEdit.ActionPosition.TrailingPosition)
        arrow.setToolTip("展开列表")
        arrow.triggered.connect(lambda *_: self.suggest(""))
        self.textEdited.connect(self._typed)

    def suggest(self, words: str) -> None:
        """Find what fits the words and call ``offer``."""
        raise NotImplementedError

    def offer(self, suggestions: list[Suggestion]) -> None:
        """Show the list, if the line still has the focus."""
        self._offered = suggestions
        self._names.setStringList([suggestion.words for suggestion in suggestions])
        if not suggestions or not self.hasFocus():
            self._popup.hide()
            return
        wanted = self._popup.sizeHintForColumn(0) + POPUP_CHROME
        self._popup.setMinimumWidth(max(self.width(), min(wanted, POPUP_WIDEST)))
        self._completer.complete()

    def put(self, key: Any, words: str) -> None:
        """Show what is picked without saying so."""
        self.key = key
        self.setText(words)
        self.setCursorPosition(0)

    def take(self, suggestion: Suggestion) -> None:
        """Pick one of the list."""
        self.put(suggestion.key, suggestion.words)
        self.picked.emit(self.key)

    def settle(self) -> None:
        """Make the best of words that were typed and not picked; called when the focus leaves."""
        words = self.text().strip()
        exact = [s for s in self._offered if s.key is not None and fold(s.words) == fold(words)]
        if words and self.key is None and len(exact) == 1:
            self.take(exact[0])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.text() and not self.isReadOnly():
            self.suggest("")

    def keyPressEvent(self, event: Any) -> None:
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Down and not self._popup.isVisible():
            self.suggest("" if self.key is not None else self.text())
        elif event.key() == Qt.Key.Key_Escape and self._popup.isVisible():
            self._popup.hide()
        else:
            super().keyPressEvent(event)

    def _typed(self, words: str) -> None:
        self.key = None
        if words.strip():
            self.suggest(words)
        else:
            self._popup.hide()
            self.picked.emit(None)

    def _choose(self) -> None:
        number = self._popup.currentIndex().row()
        if 0 <= number < len(self._offered):
            self.take(self._offered[number])


class CodePicker(Picker):
    """Picks a code; long lists are searched by any part of the path, alias or code."""

    def __init__(self, codes: CodeList, on: dt.date, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._codes, self._on = codes, on
        self._lines: list[tuple[str, Suggestion]] = []
        self.setPlaceholderText("输入或选择")

    def suggest(self, words: str) -> None:
        wanted = [fold(word) for word in words.split()]
        lines = self._searched()
        found = [s for text, s in lines if all(word in text for word in wanted)]
        first = [s for s in found if wanted and fold(self._codes.label_of(s.key)).startswith(wanted[0])]
        ordered = first + [s for s in found if s not in first] if wanted else found
        self.offer(ordered[:MOST])

    def show_code(self, code: str) -> None:
        """Show a code that a record holds, or words that are no code."""
        known = code in self._codes
        self.put(code if known else None, self._words(code) if known else code)

    def settle(self) -> None:
        words = self.text().strip()
        if words and self.key is None:
            code = self._codes.find(words.replace(" / ", "/"), self._on)
            if code:
                self.take(Suggestion(code, self._words(code)))

    def _words(self, code: str) -> str:
        return self._codes.path(code, self._on).replace("/", " / ")

    def _searched(self) -> list[tuple[str, Suggestion]]:
        """Return the lines with the folded text they are found by; made when first asked for."""
        if not self._lines:
            for entry in self._codes.entries(self._on):
                words = self._words(entry.code)
                text = fold(" ".join((words, entry.code, *entry.aliases)))
                self._lines.append((text, Suggestion(entry.code, words)))
        return self._lines


class RecordPicker(Picker):
    """Picks a record by searching its type in a worker; offers to make a new one of that name."""

    def __init__(self, session: Session, record_type: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._known = session, RECORD_TYPES[record_type]
        self._words = ""
        self._run = 0
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self._search)
        self.setPlaceholderText(f"搜索{self._known.label}")

    def suggest(self, words: str) -> None:
        self._words = words.strip()
        self._debounce.start()

    def show_record(self, record_id: uuid.UUID) -> None:
        """Show a record by its title, which is read in a worker."""
        self.put(record_id, "…")

        def show(titles: dict[uuid.UUID, str]) -> None:
            if self.key == record_id:
                self.put(record_id, titles.get(record_id, "（记录已不存在）"))

        self._session.read(lambda c: queries.titles(c, self._known.name, [record_id]), show, owner=self)

    def _search(self) -> None:
        self._run += 1
        query = Query(self._known.name, words=self._words)
        show = partial(self._found, self._run, self._words)
        self._session.read(lambda c: queries.rows(c, query, limit=MOST), show, owner=self)

    def _found(self, run: int, words: str, rows: list[dict[str, Any]]) -> None:
        if run != self._run:
            return
        if self._known[self._known.title].kind == "ref":
            self._name_by_reference(rows)
            return
        found = [Suggestion(row["id"], self._known.heading_of(row)) for row in rows]
        if words and all(s.words != words for s in found):
            found.append(Suggestion(None, f"＋ 新建{self._known.label}“{words}”"))
        self.offer(found)

    def _name_by_reference(self, rows: list[dict[str, Any]]) -> None:
        """Offer records whose title is itself a reference, such as an enrolment by its broker."""
        title = self._known[self._known.title]

        def show(names: dict[uuid.UUID, str]) -> None:
            self.offer([Suggestion(row["id"], names.get(row[title.name], "")) for row in rows])

        ids = [row[title.name] for row in rows if row[title.name]]
        self._session.read(lambda c: queries.titles(c, title.to, ids), show, owner=self)

    def take(self, suggestion: Suggestion) -> None:
        if suggestion.key is None:
            self._make(self._words)
        else:
            super().take(suggestion)

    def _make(self, name: str) -> None:
        """Save a new record that has only its name, and pick it."""
        made = new_id()
        body = {f.name: f.default for f in self._known.fields if f.default is not None}
        body[self._known.title] = name
        self._session.do(
            lambda desk: records.save(desk, record_type=self._known.name, record_id=made, values=body),
            lambda _changes: super(RecordPicker, self).take(Suggestion(made, name)),
            self._refused,
            owner=self,
        )

    def _refused(self, refusal: Refusal) -> None:
        """Open the form with the name filled in: for this type a name is not enough."""
        del refusal
        self._session.create(self._known.name, {self._known.title: self._words})


class LeaveWatch(QObject):
    """Tells when the focus leaves a widget for good, not only for its own pop-up."""

    left = Signal()

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        popup = Qt.FocusReason.PopupFocusReason
        if event.type() == QEvent.Type.FocusOut and getattr(event, "reason", lambda: None)() != popup:
            self.left.emit()
        return False
