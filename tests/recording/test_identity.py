"""What is bound or held otherwise than before, told by identity."""

import ctypes  # noqa: F401 - memory is read only where something has imported it
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_slicer.recording import identity
from jupyter_slicer.recording.identity import Bindings, Table
from jupyter_slicer.recording.memory import counter_of, reader
from jupyter_slicer.values.look import address


@pytest.fixture(params=["counted", "memory", "one by one"])
def how(request, monkeypatch):
    """All ways to compare: memory is read only where ctypes is there and lies as known."""
    assert reader() is not None
    if request.param != "counted":
        monkeypatch.setattr(identity, "counter_of", lambda table: None)
    if request.param == "one by one":
        monkeypatch.setattr(identity, "reader", lambda: None)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="CPython counts up to 3.12")
def test_each_change_of_a_table_is_counted():
    table = {"a": 1}
    counter = counter_of(table)
    seen = {counter[0]}
    for change in (lambda: table.update(a=2), lambda: table.pop("a"), table.clear):
        table.setdefault("b", 0)
        seen.add(counter[0])
        change()
        assert counter[0] not in seen
        seen.add(counter[0])
    last = counter[0]
    assert table.get("b") is None
    assert counter[0] == last  # to ask is no change


NAMES = st.sampled_from("abcde")
STEPS = st.lists(st.tuples(st.sampled_from(["bind", "unbind", "again"]), NAMES), max_size=12)


@given(st.lists(STEPS, max_size=5), st.booleans())
def test_names_bound_otherwise_are_those_with_another_object(between, one_by_one):
    namespace, held, alive = {}, Bindings(), []
    before = {}
    keep = identity.reader
    identity.reader = (lambda: None) if one_by_one else keep
    try:
        for steps in between:
            for what, name in steps:
                value = namespace.pop(name, None) if what != "bind" else None
                alive.append(value)
                if what != "unbind":
                    namespace[name] = object() if value is None else value
                    alive.append(namespace[name])
            now = {name: address(value) for name, value in namespace.items()}
            found = held.rebound(namespace)
            expected = {n for n in before.keys() | now.keys() if before.get(n) != now.get(n)}
            assert found.keys() == expected
            assert all(found[n] == before.get(n) for n in expected)
            before = now
    finally:
        identity.reader = keep


CHANGES = {
    "a value": lambda t: t.update(a=object()),
    "a value within": lambda t: t["within"].update(b="other"),
    "a name more": lambda t: t.update(c=1),
    "a name less": lambda t: t.pop("a"),
    "another name for the same": lambda t: t.update(z=t.pop("a")),
    "an item of a list": lambda t: t["list"].__setitem__(0, "other"),
    "an item more": lambda t: t["list"].append("x"),
    "an item from one list to the next": lambda t: t["next"].insert(0, t["list"].pop()),
    "within a set": lambda t: t["set"].add(3),
    "within a list of lists": lambda t: t["lists"][0].append(3),
    "within what is new": lambda t: t.update(new={}) or t["new"].update(d=1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_table_is_read_again_when_anything_in_it_is_another(change, how):
    held = {"a": object(), "within": {"b": "x"}, "list": ["x", "y"], "next": ["z"]}
    held |= {"set": {1, 2}, "lists": [[1], [2]]}
    times = []
    table = Table(lambda held: times.append(1) or {"n": len(times)})
    assert table.state(held) is table.state(held)
    change(held)
    assert table.state(held) == {"n": 2}


def test_a_table_that_holds_itself_is_read(how):
    held = {}
    held["self"] = held
    assert Table(lambda held: {"size": len(held)}).state(held) == {"size": 1}


def test_comparing_asks_no_object_and_is_no_event(how):
    class Loud:
        def __eq__(self, other):
            raise AssertionError("asked")

        __hash__ = None

    held, namespace = Table(lambda held: {}), Bindings()
    for _ in range(2):
        values = {"a": Loud(), "b": Loud()}
        held.state(values)
        assert namespace.rebound(values).keys() == {"a", "b"}


def test_comparing_is_no_audit_event():
    done = _run("""
        import ctypes, random, sys
        import jupyter_slicer.recording.ambient as ambient
        from jupyter_slicer.recording.identity import places
        from jupyter_slicer.recording.memory import counter_of

        def look():
            return places((1, 2)), ambient._python_random(), counter_of({}) is None

        first = look()
        heard = []
        sys.addaudithook(lambda event, arguments: heard.append(event))
        again = look()
        random.random()
        drawn = look()
        print(heard == [], first == again, again[1] != drawn[1])
    """)
    assert done == "True True True"


def _run(program: str) -> str:
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
