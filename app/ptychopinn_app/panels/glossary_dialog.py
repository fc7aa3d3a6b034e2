"""The glossary: the terms of the application, with a search field. Not modal."""

from __future__ import annotations

from PyQt6.QtGui import QTextBlockFormat, QTextCursor
from PyQt6.QtWidgets import QTextBrowser, QWidget

from ptychopinn_app.widgets import STRETCH, Dialog, dressed, in_column, in_row, search_field, set_style
from ptychopinn_resources import help_text

# Space above a match after scrolling to it, and above each term, in pixels.
TOP_MARGIN, TERM_MARGIN = 8, 14


class GlossaryDialog(Dialog):
    """Shows the glossary as formatted text; typing scrolls to a term, and Enter to the next match."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Glossary", "glossaryDialog", parent)
        self.resize(620, 560)
        self._matches: list[QTextCursor] = []
        self._search = search_field("Search the glossary", self._find, "glossarySearch")
        self._search.returnPressed.connect(self._show_next)
        self._text = dressed(QTextBrowser(), name="glossaryText", spoken="Glossary")
        self._text.setMarkdown(help_text("glossary"))
        self._space_terms()
        close = self.close_button("")
        # Enter in the search field goes to the next match; it must not close the dialog.
        close.setAutoDefault(False)
        in_column(self._search, (self._text, 1), in_row(STRETCH, close), of=self, spacing=12, margins=(22, 20, 22, 18))

    def _space_terms(self) -> None:
        """Add a margin above each term, because Qt renders Markdown without margins."""
        cursor = QTextCursor(self._text.document())
        spacing = QTextBlockFormat()
        spacing.setTopMargin(TERM_MARGIN)
        while cursor.movePosition(QTextCursor.MoveOperation.NextBlock):
            if cursor.blockFormat().headingLevel():
                cursor.mergeBlockFormat(spacing)

    def _find(self, query: str) -> None:
        """Find all matches, sort those in terms before those in explanations, and show the first."""
        document = self._text.document()
        self._matches = []
        match = document.find(query) if document is not None and query else QTextCursor()
        while document is not None and not match.isNull():
            self._matches.append(match)
            match = document.find(query, match)
        self._matches.sort(key=lambda match: match.block().blockFormat().headingLevel() == 0)
        set_style(self._search, "invalid", bool(query) and not self._matches)
        if self._matches:
            self._show_next()
        else:
            self._text.moveCursor(QTextCursor.MoveOperation.Start)

    def _show_next(self) -> None:
        """Select the next match and scroll it to the top; after the last match, start again."""
        if not self._matches:
            return
        match = self._matches.pop(0)
        self._matches.append(match)
        self._text.setTextCursor(match)
        bar = self._text.verticalScrollBar()
        if bar is not None:
            bar.setValue(bar.value() + self._text.cursorRect().top() - TOP_MARGIN)
