"""Colour tokens of the two themes, shared by the style sheet and the views."""

from __future__ import annotations

# Token -> '#rrggbb' of the dark and of the light theme.
TOKENS = {
    "window": ("#14171c", "#eef1f5"),
    "surface": ("#1b1f26", "#f9fafc"),
    "raised": ("#232932", "#ffffff"),
    "field": ("#12151a", "#ffffff"),
    "hover": ("#2c333e", "#e6ebf2"),
    "pressed": ("#363f4c", "#d6dee9"),
    "border": ("#2f3743", "#d3dae4"),
    "border-strong": ("#586579", "#7f8da1"),
    "text": ("#e4e9f0", "#1b232e"),
    "text-muted": ("#9aa6b6", "#566274"),
    "text-disabled": ("#697485", "#929dac"),
    "accent": ("#58a2ff", "#1b64c8"),
    "accent-fill": ("#2a6fdb", "#1f69d2"),
    "accent-fill-hover": ("#2d72d9", "#2570da"),
    "accent-fill-pressed": ("#2260c4", "#1857b2"),
    "on-accent": ("#ffffff", "#ffffff"),
    "selection": ("#24467e", "#cfe1fb"),
    "success": ("#4cc38a", "#187746"),
    "warning": ("#e9b44c", "#8f5f00"),
    "error": ("#ff7b72", "#c0302b"),
    "error-fill": ("#3a2022", "#fdeceb"),
    "warning-fill": ("#332a17", "#fdf4de"),
    "success-fill": ("#16301f", "#e4f5eb"),
    "info-fill": ("#1b2a40", "#e7f0fd"),
    "canvas": ("#0e1114", "#fbfcfd"),
    "grid": ("#2a313b", "#dde3ea"),
    "curve-1": ("#58a2ff", "#1f69d2"),
    "curve-2": ("#f5a65b", "#b35c0a"),
}
