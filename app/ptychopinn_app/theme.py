"""The application's theme: palette, style sheet, tinted icons, and a signal when it changes."""

from __future__ import annotations

from functools import cache

from PyQt6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFont, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from ptychopinn_resources import colours, icon_path, style_sheet

APPLIED = "ptychopinnTheme"
MODES = ("system", "dark", "light")
FONT_FAMILIES = ["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"]


class Theme(QObject):
    """Colours of the running application; views repaint when `changed` is emitted."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.mode = "system"
        self.name = "dark"
        self._colours = colours("dark")
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._following = False

    def colour(self, token: str) -> QColor:
        """Return the colour of a token, such as 'accent'."""
        return QColor(self._colours[token])

    def apply(self, mode: str) -> None:
        """Set the theme: 'dark', 'light', or 'system' to follow the desktop."""
        self.mode = mode if mode in MODES else "system"
        self._follow_desktop()
        self.name = self.mode if self.mode != "system" else _desktop_theme()
        self._colours = colours(self.name)
        app = QApplication.instance()
        # Every widget recomputes its style, so apply only a real change.
        if isinstance(app, QApplication) and app.property(APPLIED) != self.name:
            app.setProperty(APPLIED, self.name)
            app.setStyle("Fusion")
            app.setFont(_font())
            app.setPalette(self._palette())
            app.setStyleSheet(style_sheet(self.name))
        self.changed.emit()

    def icon(self, name: str, token: str = "text") -> QIcon:
        """Return an icon in a theme colour, dimmed when disabled. It follows theme changes automatically."""
        key = (name, token)
        if key not in self._icons:
            self._icons[key] = QIcon(_TintedEngine(icon_path(name).read_text(encoding="utf-8"), token))
        return self._icons[key]

    def pixmap(self, name: str, size: int, token: str = "text") -> QPixmap:
        """Return a pixmap of an icon, `size` logical pixels wide, in a theme colour."""
        screen = QGuiApplication.primaryScreen()
        return self.icon(name, token).pixmap(QSize(size, size), screen.devicePixelRatio() if screen else 1.0)

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        tokens = {
            role.Window: "window", role.WindowText: "text", role.Base: "field", role.AlternateBase: "surface",
            role.Text: "text", role.Button: "raised", role.ButtonText: "text", role.ToolTipBase: "raised",
            role.ToolTipText: "text", role.Highlight: "accent-fill", role.HighlightedText: "on-accent",
            role.PlaceholderText: "text-muted", role.Link: "accent", role.LinkVisited: "accent",
            role.BrightText: "error", role.Mid: "border", role.Midlight: "hover", role.Dark: "border",
            role.Light: "raised", role.Shadow: "canvas", role.Accent: "accent-fill",
        }  # fmt: skip
        palette = QPalette()
        for which, token in tokens.items():
            palette.setColor(which, self.colour(token))
        for which in (role.Text, role.WindowText, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, self.colour("text-disabled"))
        return palette

    def _follow_desktop(self) -> None:
        hints = QGuiApplication.styleHints()
        if hints is not None and not self._following:
            self._following = True
            hints.colorSchemeChanged.connect(self._desktop_changed)

    def _desktop_changed(self) -> None:
        if self.mode == "system" and _desktop_theme() != self.name:
            self.apply("system")


class _TintedEngine(QIconEngine):
    """Draws an SVG in a colour of the current theme; a disabled icon has the colour of disabled text."""

    def __init__(self, svg: str, token: str) -> None:
        super().__init__()
        self._svg, self._token = svg, token

    def clone(self) -> QIconEngine:
        """Return a copy of the engine."""
        return _TintedEngine(self._svg, self._token)

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the icon into a rectangle."""
        if painter is not None:
            colour = theme().colour("text-disabled" if mode == QIcon.Mode.Disabled else self._token).name()
            renderer = QSvgRenderer(QByteArray(self._svg.replace("currentColor", colour).encode()))
            renderer.render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a pixmap of `size` device pixels."""
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return picture


def _desktop_theme() -> str:
    hints = QGuiApplication.styleHints()
    scheme = hints.colorScheme() if hints is not None else Qt.ColorScheme.Unknown
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def _font() -> QFont:
    font = QFont()
    font.setFamilies(FONT_FAMILIES)
    font.setPixelSize(13)
    return font


@cache
def theme() -> Theme:
    """Return the application's theme."""
    return Theme()
