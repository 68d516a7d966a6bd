"""What runs here: versions, licences, and one button that copies what a fault report needs."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import TYPE_CHECKING, Final

import PySide6
from PySide6.QtCore import QLibraryInfo, QSysInfo
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.settings.general import lines
from desktop.ui.widgets.basics import Card, button, label, row
from desktop.ui.widgets.scrolled import scrolled
from desktop.ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from desktop.ui.widgets.session import Session

DISTRIBUTION: Final = "transfer-desk"
LICENCES: Final = (
    ("PySide6 / Qt", "界面", "LGPL-3.0"),
    ("SQLCipher、sqlcipher3", "加密数据库", "BSD-3-Clause / zlib"),
    ("SQLAlchemy、Alembic", "数据访问", "MIT"),
    ("cryptography、argon2-cffi", "加密与口令", "Apache-2.0 / MIT"),
    ("keyring", "系统钥匙串", "MIT"),
    ("ReportLab、pikepdf", "生成 PDF", "BSD-3-Clause / MPL-2.0"),
    ("思源字体（pylopdf-fonts-zh-cn）", "证书与表格的字体", "OFL-1.1"),
    ("python-calamine、XlsxWriter", "读写表格", "MIT / BSD-2-Clause"),
    ("OpenCC、pypinyin、cn2an", "简繁、拼音、大写数字", "Apache-2.0 / MIT"),
    ("python-stdnum、chinese-calendar", "号码校验、工作日历", "LGPL-2.1 / MIT"),
)


def version() -> str:
    """Return the version of the program, as it was installed."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "源码运行"


def diagnostics(versions: dict[str, str], device: str) -> str:
    """Return what a fault report needs: versions and the system, no names and no data."""
    facts = {
        "技转工作台": version(),
        "Python": platform.python_version(),
        "Qt": QLibraryInfo.version().toString(),
        "PySide6": PySide6.__version__,
        **versions,
        "系统": f"{QSysInfo.prettyProductName()} {QSysInfo.currentCpuArchitecture()}",
        "显示": f"{QGuiApplication.platformName()} {QGuiApplication.primaryScreen().devicePixelRatio():g}x",
        "设备": device,
    }
    return "\n".join(f"{name}：{value}" for name, value in facts.items())


class AboutPage(QWidget):
    """Last tab of the settings."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.text = ""
        self.versions = Card("技转工作台")
        self.copy_button = button("复制诊断信息", self.copy_text, symbol="file")
        self.said = label("只含版本和系统信息，不含姓名和业务数据。", "muted")
        licences = Card("许可")
        about = label("本程序以 Apache-2.0 许可发布，使用了以下开源组件：", "muted")
        table = TextTable("开源组件", ("组件", "用途", "许可"), (300, 0, 220))
        table.words.put(LICENCES)
        table.fit(most=len(LICENCES))
        for widget in (about, table):
            licences.body.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled("关于", self.versions, licences, None))
        session.jobs.read(session.desk.store.versions, self._show, owner=self)

    def _show(self, versions: dict[str, str]) -> None:
        self.text = diagnostics(versions, self.session.desk.device)
        pairs = [line.split("：", 1) for line in self.text.splitlines()]
        self.versions.body.addLayout(lines(*((name, label(value, selectable=True)) for name, value in pairs)))
        self.versions.body.addLayout(row(self.copy_button, self.said, None))

    def copy_text(self) -> None:
        """Put the facts on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)
        self.session.say("诊断信息已复制，可直接粘贴到邮件里")
