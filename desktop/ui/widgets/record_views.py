"""The tabs that every record page has after its own: 关联, 附件, 历史."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from desktop.ui.widgets.attachments_view import AttachmentsView
from desktop.ui.widgets.history_view import HistoryView
from desktop.ui.widgets.related_view import RelatedView

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from desktop.ui.widgets.session import Session

VIEWS: Final[tuple[tuple[str, Callable[[Session, str, uuid.UUID], QWidget]], ...]] = (
    ("关联", RelatedView),
    ("附件", AttachmentsView),
    ("历史", HistoryView),
)
