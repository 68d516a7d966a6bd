"""The look of the program, so that colours, sizes and type are decided once, for light and for dark.

The tokens are frozen dataclasses; the palette and ``style_sheet`` are derived from them. The application's
palette is the one truth about which of the two is on: whoever paints by hand asks ``current()``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette

if TYPE_CHECKING:
    from collections.abc import Mapping


Tone = Literal["neutral", "accent", "info", "success", "warning", "danger"]

FAMILIES: Final = (
    "PingFang SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "sans-serif",
    "Noto Sans SC",
    "Noto Serif SC",
)
"""The families in the order in which a character is looked for; ``rare_characters`` brings the last two."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour for words and its quiet ground; together they reach a contrast of 4.5."""

    ink: str
    soft: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one look; the state colours are pairs."""

    name: Literal["light", "dark"]
    canvas: str
    surface: str
    raised: str
    sunken: str
    hover: str
    line: str
    line_strong: str
    text: str
    secondary: str
    muted: str
    accent: str
    accent_hover: str
    on_accent: str
    shadow: str
    tones: Mapping[Tone, Pair]

    def tone(self, name: Tone) -> Pair:
        """Return the pair of a state."""
        return self.tones[name]

    def colour(self, name: str) -> QColor:
        """Return a token as a colour, or the ink of a tone that is no token itself."""
        inks: dict[str, str] = {tone: pair.ink for tone, pair in self.tones.items()}
        return QColor(getattr(self, name, None) or inks[name])


@dataclass(frozen=True, slots=True)
class Metrics:
    """Distances and sizes in device-independent pixels, the same in both looks."""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - the sizes are named as those of clothes
    xl: int = 24
    radius: int = 6
    radius_large: int = 10
    row: int = 36
    control: int = 32
    icon: int = 18
    small: int = 12
    body: int = 14
    heading: int = 15
    title: int = 20


METRICS: Final = Metrics()

LIGHT: Final = Theme(
    name="light",
    canvas="#f5f6f8",
    surface="#ffffff",
    raised="#ffffff",
    sunken="#f0f2f5",
    hover="#f2f5f7",
    line="#e4e7ec",
    line_strong="#c9d0d9",
    text="#1b2430",
    secondary="#4f5b6b",
    muted="#5f6a7b",
    accent="#0f6e84",
    accent_hover="#0b5a6d",
    on_accent="#ffffff",
    shadow="#1b243022",
    tones={
        "neutral": Pair("#4a5463", "#eceff3"),
        "accent": Pair("#0c6478", "#e0f1f4"),
        "info": Pair("#2a5db0", "#e6eefb"),
        "success": Pair("#1a6e44", "#e2f4ea"),
        "warning": Pair("#8a5700", "#fdf0d9"),
        "danger": Pair("#b3342a", "#fbe8e6"),
    },
)
DARK: Final = Theme(
    name="dark",
    canvas="#14181d",
    surface="#1b2027",
    raised="#232a33",
    sunken="#171b21",
    hover="#222932",
    line="#2b333d",
    line_strong="#434e5c",
    text="#e6eaf0",
    secondary="#b0bac7",
    muted="#8d98a8",
    accent="#4fb3c8",
    accent_hover="#6fc6d8",
    on_accent="#08222a",
    shadow="#00000088",
    tones={
        "neutral": Pair("#b7c0cd", "#2b333d"),
        "accent": Pair("#76cadb", "#17383f"),
        "info": Pair("#93b6f2", "#1f2f4a"),
        "success": Pair("#78cd9d", "#193527"),
        "warning": Pair("#e5b85c", "#3a2e15"),
        "danger": Pair("#f3968c", "#432320"),
    },
)
STATE_TONES: Final[Mapping[str, Tone]] = {
    "contact": "info",
    "appraisal": "info",
    "negotiation": "warning",
    "signing": "accent",
    "registration": "accent",
    "archiving": "success",
    "terminated": "danger",
    "issued": "success",
    "registered": "success",
    "suspended": "warning",
    "revoked": "danger",
    "running": "info",
    "done": "success",
    "overdue": "danger",
    "active": "success",
    "rectify": "warning",
    "withdrawn": "danger",
    "submitted": "info",
    "returned": "warning",
    "approved": "accent",
    "published": "accent",
    "matching": "info",
    "solved": "success",
    "missing": "danger",
    "collected": "info",
    "signed": "success",
    "checked": "success",
    "enrolling": "info",
    "examining": "warning",
    "supplement": "warning",
    "refused": "danger",
    "granted": "success",
    "filed": "info",
    "examined": "info",
    "lapsed": "danger",
    "invalidated": "danger",
    "pledged": "warning",
}
"""The tone of a state by its code; states without one are neutral."""


def tone_of(code: str | None) -> Tone:
    """Return the tone in which a state is shown; the label beside it always says the same in words."""
    return STATE_TONES.get(code or "", "neutral")


def current() -> Theme:
    """Return the look that is on, told by the palette of the application."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def of_desktop() -> Theme:
    """Return the look the user's desktop asks for; light where it says nothing, as on plain X11."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return DARK if scheme == Qt.ColorScheme.Dark else LIGHT


def font() -> QFont:
    """Return the type of the program: the first installed family with good Chinese."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(METRICS.body)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def palette(theme: Theme) -> QPalette:
    """Return every role set by hand: Fusion's own dark palette does not appear on plain X11."""
    roles = {
        QPalette.ColorRole.Window: theme.canvas,
        QPalette.ColorRole.WindowText: theme.text,
        QPalette.ColorRole.Base: theme.surface,
        QPalette.ColorRole.AlternateBase: theme.sunken,
        QPalette.ColorRole.Text: theme.text,
        QPalette.ColorRole.Button: theme.surface,
        QPalette.ColorRole.ButtonText: theme.text,
        QPalette.ColorRole.BrightText: theme.tones["danger"].ink,
        QPalette.ColorRole.ToolTipBase: theme.raised,
        QPalette.ColorRole.ToolTipText: theme.text,
        QPalette.ColorRole.PlaceholderText: theme.muted,
        QPalette.ColorRole.Highlight: theme.accent,
        QPalette.ColorRole.HighlightedText: theme.on_accent,
        QPalette.ColorRole.Accent: theme.accent,
        QPalette.ColorRole.Link: theme.accent,
        QPalette.ColorRole.LinkVisited: theme.accent,
        QPalette.ColorRole.Light: theme.raised,
        QPalette.ColorRole.Midlight: theme.line,
        QPalette.ColorRole.Mid: theme.line_strong,
        QPalette.ColorRole.Dark: theme.line_strong,
        QPalette.ColorRole.Shadow: theme.line,
    }
    made = QPalette()
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.line_strong))
    return made
