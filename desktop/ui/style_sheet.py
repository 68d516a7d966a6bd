"""The one style sheet of the program, written from the tokens of ``theme``, and how a look is put on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop.ui.theme import DARK, LIGHT, METRICS, palette

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtWidgets import QApplication

    from desktop.ui.theme import Metrics, Theme

THEMES: Final[Mapping[str, Theme]] = {"light": LIGHT, "dark": DARK}
ICONS: Final = Path(__file__).resolve().parents[2] / "resources" / "icons"


def wear(application: QApplication, theme: Theme) -> None:
    """Put a look on: palette first, so that ``theme.current()`` is right while the style sheet is applied."""
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Theme) -> str:
    """Return the one style sheet, written from the tokens."""
    parts = (_base, _buttons, _inputs, _tables, _surfaces, _frame)
    return "\n".join(part(theme, METRICS) for part in parts)


def _base(t: Theme, m: Metrics) -> str:
    return f"""
* {{ font-size: {m.body}px; }}
QWidget {{ color: {t.text}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line_strong};
    padding: {m.xs}px {m.s}px; }}
QLabel {{ background: transparent; }}
QLabel[role="title"] {{ font-size: {m.title}px; font-weight: 700; }}
QLabel[role="heading"] {{ font-size: {m.heading}px; font-weight: 700; }}
QLabel[role="label"] {{ color: {t.secondary}; font-size: 13px; }}
QLabel[role="muted"] {{ color: {t.muted}; font-size: 13px; }}
QLabel[role="small"] {{ color: {t.muted}; font-size: {m.small}px; }}
QLabel[role="figure"] {{ font-size: 26px; font-weight: 700; }}
QLabel[role="problem"] {{ color: {t.tones["danger"].ink}; font-size: {m.small}px; }}
QLabel[role="warning"] {{ color: {t.tones["warning"].ink}; font-size: {m.small}px; }}
QScrollArea, QScrollArea > QWidget > QWidget#canvas {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line_strong}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {t.line}; }}
QProgressBar {{ background: {t.sunken}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 2px; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.line_strong}; padding: {m.xs}px; }}
QMenu::item {{ padding: 6px {m.xl}px 6px {m.m}px; border-radius: {m.xs}px; }}
QMenu::item:selected {{ background: {t.tones["accent"].soft}; color: {t.tones["accent"].ink}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: {m.xs}px {m.s}px; }}
"""


def _buttons(t: Theme, m: Metrics) -> str:
    danger = t.tones["danger"]
    return f"""
QPushButton {{ background: {t.surface}; border: 1px solid {t.line_strong}; border-radius: {m.radius}px;
    padding: 0 14px; min-height: {m.control - 2}px; outline: 0; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:pressed {{ background: {t.sunken}; }}
QPushButton:focus {{ border: 2px solid {t.accent}; padding: 0 13px; min-height: {m.control - 4}px; }}
QPushButton:disabled {{ color: {t.muted}; background: {t.sunken}; border-color: {t.line}; }}
QPushButton[look="primary"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
QPushButton[look="primary"]:hover {{ background: {t.accent_hover}; border-color: {t.accent_hover}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[look="primary"]:disabled {{ background: {t.sunken}; color: {t.muted}; border-color: {t.line}; }}
QPushButton[look="danger"] {{ color: {danger.ink}; }}
QPushButton[look="danger"]:hover {{ background: {danger.soft}; border-color: {danger.ink}; }}
QPushButton[look="link"] {{ background: transparent; border: none; color: {t.accent}; padding: 0;
    text-align: left; min-height: 24px; }}
QPushButton[look="link"]:hover {{ color: {t.accent_hover}; text-decoration: underline; }}
QPushButton[look="link"]:disabled {{ color: {t.muted}; }}
QPushButton[look="link"]:focus {{ border: 1px solid {t.accent}; min-height: 22px; border-radius: {m.xs}px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: {m.radius}px;
    padding: 5px; color: {t.secondary}; }}
QToolButton:hover {{ background: {t.hover}; color: {t.text}; }}
QToolButton:pressed, QToolButton:checked {{ background: {t.tones["accent"].soft};
    color: {t.tones["accent"].ink}; }}
QToolButton:focus {{ border: 1px solid {t.accent}; }}
QToolButton:disabled {{ color: {t.line_strong}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QToolButton[look="chip"] {{ border: 1px solid {t.line}; background: {t.surface}; padding: 4px 10px; }}
QToolButton[look="chip"]:hover {{ border-color: {t.line_strong}; }}
QToolButton[look="chip"][on="true"] {{ background: {t.tones["accent"].soft};
    border-color: {t.tones["accent"].soft}; color: {t.tones["accent"].ink}; }}
QToolButton[look="chip"]:focus {{ border-color: {t.accent}; }}
QToolButton[look="tab"] {{ border-radius: 0; border: none; border-bottom: 2px solid transparent;
    padding: 8px 2px; margin-right: {m.l}px; font-size: {m.body}px; }}
QToolButton[look="tab"]:hover {{ background: transparent; color: {t.text}; }}
QToolButton[look="tab"]:checked {{ background: transparent; color: {t.accent};
    border-bottom: 2px solid {t.accent}; font-weight: 700; }}
QToolButton[look="tab"]:focus {{ background: {t.hover}; }}
"""


def _inputs(t: Theme, m: Metrics) -> str:
    danger = t.tones["danger"].ink
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{ background: {t.surface};
    border: 1px solid {t.line_strong}; border-radius: {m.radius}px; padding: 0 {m.s}px;
    selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit, QComboBox, QSpinBox {{ min-height: {m.control - 2}px; }}
QPlainTextEdit, QTextEdit {{ padding: {m.xs}px; }}
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover {{ border-color: {t.muted}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus {{ border: 2px solid {t.accent}; padding: 0 7px;
    min-height: {m.control - 4}px; }}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {t.accent}; padding: 3px; }}
QLineEdit:disabled, QPlainTextEdit:disabled {{ background: {t.sunken}; color: {t.muted};
    border-color: {t.line}; }}
QLineEdit:read-only, QPlainTextEdit[closed="true"] {{ background: {t.sunken}; }}
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"] {{ border-color: {danger}; }}
QLineEdit[look="search"] {{ background: {t.surface}; border-color: {t.line}; }}
QLineEdit[look="plain"] {{ border: none; background: transparent; font-size: 17px; padding: 0; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QCheckBox {{ spacing: {m.s}px; min-height: {m.control - 2}px; border-radius: {m.xs}px;
    padding-right: {m.xs}px; }}
QCheckBox:focus {{ background: {t.hover}; }}
QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {t.muted}; border-radius: {m.xs}px;
    background: {t.surface}; }}
QCheckBox::indicator:hover {{ border-color: {t.accent}; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent};
    image: url("{(ICONS / f"tick-on-{t.name}.svg").as_posix()}"); }}
QCheckBox::indicator:disabled {{ border-color: {t.line_strong}; background: {t.sunken}; }}
QRadioButton {{ spacing: {m.s}px; min-height: 20px; }}
QRadioButton::indicator {{ width: 12px; height: 12px; border: 1px solid {t.muted}; border-radius: 7px;
    background: {t.surface}; margin: 3px; }}
QRadioButton::indicator:hover, QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
QRadioButton::indicator:checked {{ border: 5px solid {t.accent}; width: 6px; height: 6px; border-radius: 8px;
    margin: 2px; background: {t.on_accent}; }}
QRadioButton::indicator:disabled {{ border-color: {t.line_strong}; background: {t.sunken}; }}
QListView, QListWidget {{ background: {t.raised}; border: 1px solid {t.line_strong}; outline: 0;
    padding: {m.xs}px; }}
QListView::item {{ padding: 6px {m.s}px; border-radius: {m.xs}px; }}
QListView::item:hover {{ background: {t.hover}; }}
QListView::item:selected {{ background: {t.tones["accent"].soft}; color: {t.tones["accent"].ink}; }}
QCalendarWidget QWidget {{ background: {t.raised}; alternate-background-color: {t.sunken}; }}
QCalendarWidget QAbstractItemView {{ selection-background-color: {t.accent};
    selection-color: {t.on_accent}; outline: 0; }}
"""


def _tables(t: Theme, m: Metrics) -> str:
    return f"""
QTableView {{ background: {t.surface}; border: none; gridline-color: transparent; outline: 0;
    selection-background-color: {t.tones["accent"].soft}; selection-color: {t.text}; }}
QHeaderView {{ background: {t.surface}; border: none; }}
QHeaderView::section {{ background: {t.surface}; color: {t.muted}; border: none;
    border-bottom: 1px solid {t.line}; padding: 0 {m.m}px; font-size: 13px; }}
QHeaderView::section:hover {{ color: {t.text}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ width: 0; height: 0; image: none; }}
QTableCornerButton::section {{ background: {t.surface}; border: none; }}
"""


def _surfaces(t: Theme, m: Metrics) -> str:
    tones = "".join(
        f"""
QFrame[look="bar"][tone="{name}"] {{ background: {pair.soft}; border: none; border-radius: {m.radius}px; }}
QFrame[look="bar"][tone="{name}"] QLabel {{ color: {pair.ink}; }}
QLabel[look="chip"][tone="{name}"] {{ background: {pair.soft}; color: {pair.ink}; border-radius: 10px;
    padding: 0 10px; min-height: 20px; max-height: 20px; font-size: {m.small}px; }}"""
        for name, pair in t.tones.items()
    )
    return f"""
QFrame[look="card"] {{ background: {t.surface}; border: 1px solid {t.line};
    border-radius: {m.radius_large}px; }}
QFrame[look="popover"] {{ background: {t.raised}; border: 1px solid {t.line_strong};
    border-radius: {m.radius_large}px; }}
QFrame[look="popover"] QListView {{ border: none; background: transparent; }}
QFrame[look="panel"] {{ background: {t.surface}; border: none; border-left: 1px solid {t.line}; }}
QFrame[look="toolbar"] {{ background: {t.surface}; border: none; border-bottom: 1px solid {t.line}; }}
QFrame[look="footer"] {{ background: {t.surface}; border: none; border-top: 1px solid {t.line}; }}
QFrame[look="line"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[look="drop"] {{ background: {t.sunken}; border: 1px dashed {t.line_strong};
    border-radius: {m.radius_large}px; }}
QFrame[look="drop"][on="true"] {{ border-color: {t.accent}; background: {t.tones["accent"].soft}; }}
QFrame[look="option"] {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: {m.radius}px; }}
QFrame[look="option"]:hover {{ border-color: {t.line_strong}; }}
QFrame[look="option"][on="true"] {{ background: {t.tones["accent"].soft}; border-color: {t.accent}; }}
QFrame[look="toast"] {{ background: {t.text}; border-radius: {m.radius_large}px; border: none; }}
QFrame[look="toast"] QLabel {{ color: {t.surface}; }}
QFrame[look="toast"] QPushButton {{ background: transparent; border: none; font-weight: 700;
    color: {"#7fd3e4" if t.name == "light" else "#0b5a6d"}; }}
QFrame[look="tag"] {{ background: {t.tones["accent"].soft}; border: none; border-radius: 12px;
    min-height: 24px; max-height: 24px; }}
QFrame[look="tag"] QLabel {{ color: {t.tones["accent"].ink}; font-size: 13px; }}
QFrame[look="tag"] QToolButton {{ padding: 1px; border: none; }}
QLabel[look="key"] {{ background: {t.sunken}; border: 1px solid {t.line_strong}; border-radius: {m.xs}px;
    padding: 1px 6px; color: {t.secondary}; font-size: {m.small}px; }}
{tones}
"""


def _frame(t: Theme, m: Metrics) -> str:
    accent = t.tones["accent"]
    states = "".join(
        f"""
QPushButton[look="status"][tone="{name}"] {{ color: {t.secondary if name == "neutral" else pair.ink}; }}"""
        for name, pair in t.tones.items()
    )
    return f"""
QMainWindow, QDialog, QWidget#canvas {{ background: {t.canvas}; }}
QDialog {{ border: 1px solid {t.line_strong}; }}
QWidget#surface {{ background: {t.surface}; }}
QFrame#rail {{ background: {t.canvas}; border: none; border-right: 1px solid {t.line}; }}
QFrame#rail QToolButton {{ text-align: left; padding: 7px 10px; border-radius: {m.radius}px;
    color: {t.secondary}; }}
QFrame#rail QToolButton:hover {{ background: {t.line}; color: {t.text}; }}
QFrame#rail QToolButton:checked {{ background: {accent.soft}; color: {accent.ink}; font-weight: 700; }}
QFrame#rail QToolButton:disabled {{ color: {t.line_strong}; }}
QFrame#rail QToolButton:focus {{ border: 1px solid {t.accent}; }}
QFrame#topbar {{ background: {t.canvas}; border: none; border-bottom: 1px solid {t.line}; }}
QFrame#statusbar {{ background: {t.canvas}; border: none; border-top: 1px solid {t.line}; }}
QFrame#statusbar QLabel {{ color: {t.secondary}; font-size: {m.small}px; }}
QPushButton[look="status"] {{ background: transparent; border: none; padding: 0 {m.s}px; min-height: 22px;
    font-size: {m.small}px; text-align: left; }}
QPushButton[look="status"]:hover {{ background: {t.line}; border-radius: {m.xs}px; }}
QPushButton[look="status"]:focus {{ border: 1px solid {t.accent}; border-radius: {m.xs}px;
    padding: 0 {m.s - 1}px; min-height: 20px; }}
{states}
QPushButton#search {{ background: {t.surface}; color: {t.muted}; text-align: left; border-color: {t.line};
    min-height: 28px; }}
QPushButton#search:hover {{ border-color: {t.line_strong}; }}
"""
