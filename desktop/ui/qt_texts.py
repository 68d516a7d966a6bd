"""The few words of Qt's own dialogs that its Chinese texts leave in English.

They are seen where the system has no file dialog of its own to show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLibraryInfo, QTranslator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QApplication

LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    ("QFileDialog", "&Look in:"): "位置：",
    ("QFileDialog", "Files of &type:"): "文件类型：",
    ("QAbstractFileIconProvider", "Folder"): "文件夹",
    ("QAbstractFileIconProvider", "Drive"): "磁盘",
    ("QShortcut", "Control"): "Ctrl",
    ("QShortcut", "Keyboard"): "键盘",
}


class LeftOut(QTranslator):
    """Knows what Qt's texts leave out, and nothing else."""

    def translate(
        self,
        context: str,
        source: str,
        disambiguation: str | None = None,  # noqa: ARG002 - the signature is Qt's
        n: int = -1,  # noqa: ARG002 - the signature is Qt's
    ) -> str | None:
        return LEFT_OUT.get((context, source))

    def isEmpty(self) -> bool:
        return False


def speak_chinese(application: QApplication) -> None:
    """Let Qt's own dialogs and menus speak Chinese; the translator installed last is asked first."""
    known = QTranslator(application)
    if known.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(known)
    application.installTranslator(LeftOut(application))
