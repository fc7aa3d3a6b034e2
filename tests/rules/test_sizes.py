"""How long files, functions and packages may be."""

from __future__ import annotations

from source import Table, fake, inside, listed, product, suite

MOST_LINES = {"": 36_000, "ptychopinn.backends.torch": 2_700}
MOST_LINES_IN_A_FILE = 400
MOST_LINES_IN_A_FUNCTION = 60


def long_files(modules: Table) -> list[str]:
    return [f"{name}: {each.lines} lines" for name, each in modules.items() if each.lines > MOST_LINES_IN_A_FILE]


def long_functions(modules: Table) -> list[str]:
    """Name the functions that are too long, from ``def`` to the last line."""
    found = []
    for name, module in modules.items():
        for function in module.functions():
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > MOST_LINES_IN_A_FUNCTION:
                found.append(f"{name}.{function.name}: {lines} lines")
    return found


def large_packages(modules: Table) -> list[str]:
    """Name the packages with too many lines; the nameless one is the whole product."""
    found = []
    for package, most in MOST_LINES.items():
        lines = sum(module.lines for name, module in modules.items() if not package or inside(name, package))
        if lines > most:
            found.append(f"{package or 'the product'}: {lines} lines, {most} allowed")
    return found


def test_files_are_short() -> None:
    assert not (found := long_files(product()) + long_files(suite())), listed(found)


def test_a_long_file_is_noticed() -> None:
    assert long_files(fake({"a": "x = 1\n" * 400, "b": "x = 1\n" * 401})) == ["b: 401 lines"]


def test_functions_are_short() -> None:
    assert not (found := long_functions(product())), listed(found)


def test_a_long_function_is_noticed() -> None:
    lines = "        x = 1\n"
    table = {"a": "class A:\n    def f(self):\n" + 60 * lines, "b": "class B:\n    def f(self):\n" + 59 * lines}
    assert long_functions(fake(table)) == ["a.f: 61 lines"]


def test_packages_have_few_lines() -> None:
    assert not (found := large_packages(product())), listed(found)


def test_a_large_package_is_noticed() -> None:
    table = {f"ptychopinn.backends.torch.a{number}": "x = 1\n" * 400 for number in range(7)}
    assert large_packages(fake(table)) == ["ptychopinn.backends.torch: 2800 lines, 2700 allowed"]
    assert "the product" in large_packages(fake({"a": "x = 1\n" * 36_001}))[0]
