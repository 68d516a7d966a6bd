"""Where a file comes from or goes to: a line to type in and a button for the system's own dialog.

The dialog is opened, never waited for: the program goes on while it is open.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from desktop.ui.widgets.basics import button, row

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

Wanted = Literal["open", "save", "folder"]
TABLES: Final = "表格 (*.xlsx *.csv)"


class PathField(QWidget):
    """A path that can be typed, dropped in or chosen."""

    picked = Signal(Path)
    """A path was chosen, or typed and confirmed."""

    def __init__(self, name: str, wanted: Wanted, *, files: str = "", default: Path | None = None) -> None:
        super().__init__()
        self._name, self._wanted, self._files = name, wanted, files
        self.line = QLineEdit(str(default) if default else "")
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText("输入路径，或把它拖到这里")
        self.line.setAcceptDrops(False)  # a dropped file is a path here, not the text of its address
        self.setAcceptDrops(True)
        self.line.setMinimumWidth(140)
        self.button = button("选择…", self._choose)
        self.button.setAccessibleName(f"选择{name}")
        self.line.returnPressed.connect(self._typed)
        held = row(self.line, self.button)
        held.setStretch(0, 1)
        self.setLayout(held)
        self.setFocusProxy(self.line)

    @property
    def path(self) -> Path | None:
        """The path that stands there; None for an empty line."""
        text = self.line.text().strip().strip('"')
        return Path(text).expanduser() if text else None

    def put(self, path: Path) -> None:
        """Show a path without saying so."""
        self.line.setText(str(path))

    def take(self, path: Path) -> None:
        """Show a path as if the user had chosen it."""
        self.put(path)
        self.picked.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        dropped = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if dropped:
            self.take(dropped[0])

    def _typed(self) -> None:
        if self.path:
            self.picked.emit(self.path)

    def _choose(self) -> None:
        dialog = QFileDialog(self, f"选择{self._name}", str(self.path or Path.home()), self._files)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._wanted == "folder":
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        elif self._wanted == "save":
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.take(Path(name)))
        dialog.open()
