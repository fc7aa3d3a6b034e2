"""Every package has a floor: no module imports from a higher floor, and imports never run in a circle."""

from __future__ import annotations

from source import Table, edges, fake, listed, product

# Longest prefix wins.
FLOORS = {
    "ptychopinn.errors": 0,
    "ptychopinn.events": 0,
    "ptychopinn.log_errors": 0,
    "ptychopinn.renamed": 0,
    "ptychopinn.version": 0,
    "ptychopinn.files": 1,
    "ptychopinn.results": 1,
    "ptychopinn.wording": 0,
    "ptychopinn.config": 1,
    "ptychopinn.physics": 2,
    "ptychopinn.data": 3,
    "ptychopinn.stitching": 3,
    "ptychopinn.quality": 3,
    "ptychopinn.archive": 3,
    "ptychopinn.product": 3,
    "ptychopinn.backends": 4,
    "ptychopinn.backends.torch": 5,
    "ptychopinn.backends.tensorflow": 5,
    "ptychopinn.workflow": 6,
    "ptychopinn.cli": 7,
    "ptychopinn.historic": 8,
    # The old import names, and the adapter that sets the values which programs read by them.
    "ptycho": 9,
    "ptycho_torch": 9,
    "ptychodus_adapter": 9,
    "ptychopinn_resources": 9,
    # The app: what needs no Qt comes first; the window holds everything, and nothing holds the window.
    "ptychopinn_app.binder.values": 10,
    "ptychopinn_app.records": 10,
    "ptychopinn_app.job_settings": 11,
    "ptychopinn_app.runs": 11,
    "ptychopinn_app.checks": 12,
    "ptychopinn_app.theme": 12,
    "ptychopinn_app.widgets": 12,
    "ptychopinn_app.commands": 13,
    "ptychopinn_app.services": 13,
    "ptychopinn_app.binder": 14,
    "ptychopinn_app.jobs": 14,
    "ptychopinn_app.toolbar": 14,
    "ptychopinn_app.session": 15,
    "ptychopinn_app.views": 16,
    "ptychopinn_app.panels": 17,
    "ptychopinn_app.central_widget": 18,
    "ptychopinn_app.presenters": 19,
    "ptychopinn_app.main_window": 20,
    "ptychopinn_app.application": 21,
    "ptychopinn_app.__main__": 22,
    # The packages themselves offer names from every floor, imported at their first use.
    "ptychopinn": 22,
    "ptychopinn_app": 22,
}
# Packages whose line in the table is that of the package alone: what is in them needs a line of its own.
FACADES = ("ptychopinn", "ptychopinn_app")
# The one arrow that climbs: programs replace calls by their old names, so historic modules look them up there.
CLIMBS = ("ptychopinn.historic", ("ptycho", "ptycho_torch"))


def floor(name: str) -> int | None:
    """Return the floor of a module by its longest prefix in the table."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        prefix = ".".join(parts[:end])
        if prefix in FLOORS and (prefix == name or prefix not in FACADES):
            return FLOORS[prefix]
    return None


def without_a_floor(modules: Table) -> list[str]:
    return [name for name in modules if floor(name) is None]


def climbing(modules: Table) -> list[str]:
    """Name the imports from a higher floor."""
    below, above = CLIMBS
    return [
        f"{name} (floor {floor(name)}) imports {target} (floor {floor(target)})"
        for name, targets in edges(modules).items()
        for target in sorted(targets)
        if (floor(target) or 0) > (floor(name) or 0)
        and not (name.startswith(f"{below}.") and target.split(".")[0] in above)
    ]


def circles(modules: Table) -> list[str]:
    """Name the groups of modules that import each other, directly or through others (Tarjan 1972)."""
    below, above = CLIMBS
    graph = edges(modules)
    for name in graph:
        if name.startswith(f"{below}."):
            graph[name] = {target for target in graph[name] if target.split(".")[0] not in above}
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups = []

    def visit(name: str) -> None:
        number[name] = lowest[name] = len(number)
        stack.append(name)
        for target in graph[name]:
            if target not in number:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in stack:
                lowest[name] = min(lowest[name], number[target])
        if lowest[name] == number[name]:
            start = stack.index(name)
            if len(stack) - start > 1:
                groups.append(" <-> ".join(sorted(stack[start:])))
            del stack[start:]

    for name in graph:
        if name not in number:
            visit(name)
    return groups


def test_every_module_has_a_floor() -> None:
    assert not (found := without_a_floor(product())), listed(found)


def test_a_new_package_without_a_floor_is_noticed() -> None:
    table = fake({"ptychopinn.attic.box": "", "ptychopinn_app.attic": "", "ptychopinn.data.box": "", "ptychopinn": ""})
    assert without_a_floor(table) == ["ptychopinn.attic.box", "ptychopinn_app.attic"]


def test_no_module_imports_from_a_higher_floor() -> None:
    assert not (found := climbing(product())), listed(found)


def test_an_import_from_a_higher_floor_is_noticed() -> None:
    table = fake(
        {
            "ptychopinn.workflow.train": "import ptychopinn.config.planted",
            "ptychopinn.config.planted": "def late():\n    from ptychopinn.workflow import train",
            "ptychopinn_app.views.plot": "from ptychopinn_app.runs.folder import names",
            "ptychopinn_app.runs.folder": "if TYPE_CHECKING:\n    from ptychopinn_app.views.plot import Plot",
        }
    )
    assert climbing(table) == [
        "ptychopinn.config.planted (floor 1) imports ptychopinn.workflow.train (floor 6)",
        "ptychopinn_app.runs.folder (floor 11) imports ptychopinn_app.views.plot (floor 16)",
    ]


def test_a_module_that_reaches_the_global_dictionary_through_a_historic_one_is_noticed() -> None:
    name, historic = "ptychopinn.backends.stored_settings", "ptychopinn.historic.populate"
    table = fake({name: f"from {historic} import populate_legacy_params", historic: ""})
    assert climbing(table) == [f"{name} (floor 4) imports {historic} (floor 8)"]


def test_only_historic_modules_may_look_up_the_old_names() -> None:
    table = fake({name: "import ptycho.params" for name in ("ptychopinn.historic.a", "ptychopinn.cli.b")})
    (line,) = climbing({**table, **fake({"ptycho.params": ""})})
    assert line.startswith("ptychopinn.cli.b ")


def test_no_imports_run_in_a_circle() -> None:
    assert not (found := circles(product())), listed(found)


def test_a_circle_is_noticed_even_of_imports_in_functions_and_for_type_checkers() -> None:
    table = fake(
        {
            "a.one": "if TYPE_CHECKING:\n    import a.two",
            "a.two": "def late():\n    from a import three",
            "a.three": "from a.one import name",
            "a.four": "import a.one",
        }
    )
    assert circles(table) == ["a.one <-> a.three <-> a.two"]
