"""The certificate numbers that the server gave to this device alone."""

from __future__ import annotations

from desktop.ui.widgets.basics import Card, label
from desktop.ui.widgets.text_table import TextTable


class NumbersCard(Card):
    """How many certificate numbers this device may still give out by itself."""

    def __init__(self) -> None:
        super().__init__("证书号段")
        about = "号段由服务器分给本机独用，断网也能编号，几台电脑不会重号；快用完时同步会自动续领。"
        self.body.addWidget(label(about, "muted", wrap=True))
        self.table = TextTable("证书号段", ("编号系列", "本机还可用"), (200, 0))
        self.none = label("还没有号段；断网时用带设备编号的长号，同样不会重复。", "muted", wrap=True)
        self.body.addWidget(self.table)
        self.body.addWidget(self.none)

    def put(self, numbers: dict[str, int]) -> None:
        """Show the series."""
        self.table.words.put(
            [(series, f"{left:,} 个" if left else "等待领取") for series, left in numbers.items()]
        )
        self.table.fit(most=6)
        self.table.setVisible(bool(numbers))
        self.none.setVisible(not numbers)
