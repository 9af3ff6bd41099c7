"""The hot pages of one process: bounded in bytes, the cold leave first.

SIEVE (Zhang et al., NSDI 2024, «SIEVE is Simpler than LRU»): a hit only sets a mark, so that a read moves nothing;
the hand walks from the oldest towards the newest, spares and unmarks what was read, and evicts the first that was not.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class _Entry(Generic[Value]):
    key: str
    value: Value
    size: int
    newer: "_Entry[Value] | None" = None
    older: "_Entry[Value] | None" = None
    visited: bool = False


class Memory(Generic[Value]):
    """A map from keys to values of known sizes, at most `limit` bytes in all."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._entries: dict[str, _Entry[Value]] = {}
        self._newest: _Entry[Value] | None = None
        self._oldest: _Entry[Value] | None = None
        self._hand: _Entry[Value] | None = None

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> Value | None:
        """The value under a key, or None."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.visited = True
        return entry.value

    def hottest(self, count: int) -> list[str]:
        """Keys, those that were read since the hand last passed first, and the newer before the older."""
        entries: list[_Entry[Value]] = []
        entry = self._newest
        while entry is not None:
            entries.append(entry)
            entry = entry.older
        entries.sort(key=lambda one: not one.visited)
        return [one.key for one in entries[:count]]

    def put(self, key: str, value: Value, size: int) -> None:
        """Keep a value; others leave until it fits. One that is larger than all of the memory is not kept."""
        self.drop(key)
        if size > self.limit:
            return
        while self.size + size > self.limit:
            self._evict()
        entry = _Entry(key, value, size, older=self._newest)
        if self._newest is not None:
            self._newest.newer = entry
        self._newest = entry
        self._oldest = self._oldest or entry
        self._entries[key] = entry
        self.size += size

    def drop(self, key: str) -> None:
        """Forget a key, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._unlink(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._newest = self._oldest = self._hand = None
        self.size = 0

    def _evict(self) -> None:
        entry = self._hand or self._oldest
        assert entry is not None, "something is kept as long as the size is not 0"
        while entry.visited:
            entry.visited = False
            entry = entry.newer or self._oldest or entry
        self._hand = entry
        self.drop(entry.key)

    def _unlink(self, entry: _Entry[Value]) -> None:
        if self._hand is entry:
            self._hand = entry.newer
        if entry.newer is None:
            self._newest = entry.older
        else:
            entry.newer.older = entry.older
        if entry.older is None:
            self._oldest = entry.newer
        else:
            entry.older.newer = entry.newer
        self.size -= entry.size
