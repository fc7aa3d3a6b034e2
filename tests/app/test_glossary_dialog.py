"""Help > Glossary: the terms of the application, readable, searchable, and closed by Escape."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit, QTextBrowser
from pytestqt.qtbot import QtBot

from ptychopinn_app.main_window import MainWindow
from ptychopinn_app.panels.glossary_dialog import GlossaryDialog
from ptychopinn_app.theme import theme
from ptychopinn_resources import help_text

TERMS = re.findall(r"^### (.+)$", help_text("glossary"), re.MULTILINE)


@pytest.fixture
def glossary(window: MainWindow) -> GlossaryDialog:
    window.action("actionGlossary").trigger()
    dialog = window.findChild(GlossaryDialog, "glossaryDialog")
    assert dialog is not None and dialog.isVisible() and not dialog.isModal()
    return dialog


def text_of(glossary: GlossaryDialog) -> QTextBrowser:
    text = glossary.findChild(QTextBrowser, "glossaryText")
    assert text is not None
    return text


def search_of(glossary: GlossaryDialog) -> QLineEdit:
    search = glossary.findChild(QLineEdit, "glossarySearch")
    assert search is not None
    return search


def test_every_term_is_a_heading_with_an_explanation(glossary: GlossaryDialog) -> None:
    document = text_of(glossary).document()
    assert document is not None
    explained = {}
    block = document.begin()
    while block.isValid():
        if block.blockFormat().headingLevel() == 3:
            explained[block.text()] = block.next().text()
        block = block.next()
    assert list(explained) == TERMS and len(TERMS) >= 27
    assert sorted(TERMS, key=str.lower) == TERMS
    assert all(text.endswith(".") for text in explained.values())
    assert "###" not in document.toPlainText() and "**" not in document.toPlainText()


@pytest.mark.parametrize("query", ["sweep", "FRC", "fix"])
def test_the_search_selects_the_term_before_its_mentions(glossary: GlossaryDialog, qtbot: QtBot, query: str) -> None:
    qtbot.keyClicks(search_of(glossary), query)
    match = text_of(glossary).textCursor()
    assert match.selectedText().lower() == query.lower()
    assert match.block().blockFormat().headingLevel() == 3
    view = text_of(glossary).viewport()
    assert view is not None and view.rect().contains(text_of(glossary).cursorRect())


def test_enter_goes_to_the_next_match_and_starts_again_after_the_last(glossary: GlossaryDialog, qtbot: QtBot) -> None:
    search = search_of(glossary)
    qtbot.keyClicks(search, "overlap")
    count = text_of(glossary).toPlainText().lower().count("overlap")
    places = []
    for _ in range(count + 1):
        places.append(text_of(glossary).textCursor().position())
        qtbot.keyClick(search, Qt.Key.Key_Return)
    assert glossary.isVisible() and count > 1
    assert len(set(places)) == count and places[0] == places[-1]


def test_a_search_without_a_match_is_marked(glossary: GlossaryDialog, qtbot: QtBot) -> None:
    search = search_of(glossary)
    qtbot.keyClicks(search, "zzz")
    assert search.property("invalid") and not text_of(glossary).textCursor().hasSelection()
    search.clear()
    assert not search.property("invalid")


def test_tab_reaches_the_text_and_escape_closes(glossary: GlossaryDialog, qtbot: QtBot) -> None:
    glossary.activateWindow()
    assert glossary.focusWidget() is search_of(glossary)
    qtbot.keyClick(search_of(glossary), Qt.Key.Key_Tab)
    assert glossary.focusWidget() is text_of(glossary)
    qtbot.keyClick(text_of(glossary), Qt.Key.Key_Escape)
    assert not glossary.isVisible()


@pytest.mark.parametrize("mode", ["dark", "light"])
def test_the_text_has_the_colours_of_the_theme(window: MainWindow, glossary: GlossaryDialog, mode: str) -> None:
    window.preferences.choose_theme(mode)
    image = text_of(glossary).grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert theme().colour("field").name() in colours and theme().colour("text").name() in colours
    glossary.close()
