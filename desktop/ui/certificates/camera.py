"""The camera reads a code from paper; where there is none, or no sound system to carry it, nobody misses it.

QtMultimedia is loaded only when the page is opened, since it takes a while and is not on every machine.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QLoggingCategory, Qt, Signal
from PySide6.QtGui import QImage, QImageWriter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from desktop.documents.credential import PREFIX
from desktop.services.verification import read_codes
from desktop.ui.theme import METRICS
from desktop.ui.widgets.basics import button, column, label, row

VIEW: Final = 360
EVERY: Final = 4
"""One of so many pictures is looked through for a code."""


def find_camera() -> Any:
    """Return the usual camera's device, None where there is none."""
    QLoggingCategory.setFilterRules("qt.multimedia*=false")
    try:
        multimedia = importlib.import_module("PySide6.QtMultimedia")
    except ImportError:  # a machine without the libraries for sound
        return None
    device = multimedia.QMediaDevices.defaultVideoInput()
    return None if device.isNull() else device


class CameraView(QWidget):
    """What the camera sees; ``read`` is said once, with the text of the first of our codes."""

    read = Signal(str)
    left = Signal()
    """The user wants no camera any more."""

    def __init__(self, device: Any) -> None:
        super().__init__()
        multimedia = importlib.import_module("PySide6.QtMultimedia")
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumHeight(VIEW)
        self.picture.setAccessibleName("摄像头画面")
        words = label("把二维码放在画面中间，扫到后自动验证。", "muted")
        self.setLayout(
            column(self.picture, row(words, None, button("关闭摄像头", self.left.emit)), spacing=METRICS.s)
        )
        self._count = 0
        self._camera = multimedia.QCamera(device, self)
        self._capture = multimedia.QMediaCaptureSession(self)
        self._sink = multimedia.QVideoSink(self)
        self._capture.setCamera(self._camera)
        self._capture.setVideoSink(self._sink)
        self._sink.videoFrameChanged.connect(lambda frame: self.look_at(frame.toImage()))
        self._camera.start()

    def look_at(self, image: QImage) -> None:
        """Show a picture and look for a code in every few."""
        if image.isNull():
            return
        shown = image.scaledToHeight(VIEW, Qt.TransformationMode.SmoothTransformation)
        self.picture.setPixmap(QPixmap.fromImage(shown))
        self._count += 1
        if self._count % EVERY == 1:
            found = [text for text in read_codes(_bitmap(image)) if text.startswith(PREFIX)]
            if found:
                self.stop()
                self.read.emit(found[0])

    def stop(self) -> None:
        """Let the camera go."""
        self._camera.stop()


def _bitmap(image: QImage) -> bytes:
    """Return a picture in the form that costs nothing to write."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"bmp")).write(image.convertToFormat(QImage.Format.Format_RGB32))
    return bytes(buffer.data().data())
