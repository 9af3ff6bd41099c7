from hypothesis import given
from hypothesis import strategies as st

from cache.memory import Memory

STEPS = st.lists(st.tuples(st.sampled_from(["get", "put", "drop", "clear"]), st.integers(0, 9), st.integers(1, 40)))


@given(STEPS)
def test_memory_is_a_map_that_forgets_and_stays_within_its_bytes(steps: list[tuple[str, int, int]]) -> None:
    memory: Memory[int] = Memory(100)
    last: dict[str, int] = {}
    for verb, number, size in steps:
        key = str(number)
        if verb == "put":
            memory.put(key, size, size)
            last[key] = size
        elif verb == "drop":
            memory.drop(key)
            last.pop(key, None)
        elif verb == "clear":
            memory.clear()
            last.clear()
        held = memory.get(key)
        assert held is None or held == last[key]
        assert memory.size <= 100
        assert memory.size == sum(last[key] for key in last if memory._entries.get(key))
        assert _walk(memory) == list(memory._entries)


def test_what_is_read_stays_and_the_cold_leave() -> None:
    memory: Memory[str] = Memory(3)
    for key in "abc":
        memory.put(key, key, 1)
    memory.get("a")
    memory.put("d", "d", 1)
    assert [memory.get(key) for key in "abcd"] == ["a", None, "c", "d"]
    assert len(memory) == 3


def test_dropping_what_the_hand_points_at_moves_the_hand() -> None:
    memory: Memory[str] = Memory(3)
    for key in "abc":
        memory.put(key, key, 1)
    memory.put("d", "d", 1)
    memory.drop("b")
    memory.put("e", "e", 1)
    memory.put("f", "f", 1)
    assert [memory.get(key) for key in "abcdef"] == [None, None, None, "d", "e", "f"]


def test_a_value_larger_than_the_memory_is_not_kept() -> None:
    memory: Memory[str] = Memory(3)
    memory.put("a", "a", 1)
    memory.put("b", "b", 4)
    assert (memory.get("a"), memory.get("b"), memory.size) == ("a", None, 1)


def _walk(memory: Memory[int]) -> list[str]:
    keys, entry = [], memory._oldest
    while entry is not None:
        keys.append(entry.key)
        assert entry.newer is None or entry.newer.older is entry
        entry = entry.newer
    return keys
