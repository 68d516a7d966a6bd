"""Qt's own dialogs speak Chinese, also where Qt's texts have none."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTranslator
from PySide6.QtWidgets import QFileDialog, QLabel

from desktop.ui.qt_texts import speak_chinese


@pytest.fixture
def speaking(qapp):
    before = set(qapp.findChildren(QTranslator))
    speak_chinese(qapp)
    yield qapp
    for made in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(made)
        made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_file_dialog_has_no_english_words(speaking, qtbot, tmp_path):
    (tmp_path / "folder").mkdir()
    dialog = QFileDialog(None, "选择", str(tmp_path))
    qtbot.addWidget(dialog)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    words = [label.text() for label in dialog.findChildren(QLabel) if label.text()]
    assert words
    assert not [word for word in words if word.replace("&", "")[0].isascii()]
    assert speaking.translate("QAbstractFileIconProvider", "Folder", "All other platforms") == "文件夹"
    assert speaking.translate("QFileDialog", "Cancel") != ""
    assert speaking.translate("QPlatformTheme", "Cancel") == "取消"
    assert speaking.translate("anything", "unknown to all") == "unknown to all"
