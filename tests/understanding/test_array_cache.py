"""A cache may be missing, damaged, read-only or shared; the arrays are right all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from advisor.understanding.array_cache import ArrayCache, Arrays, packed, unpacked


class Computing:
    def __init__(self, value: float = 1.0) -> None:
        self.times = 0
        self._value = value

    def __call__(self) -> Arrays:
        self.times += 1
        return {"numbers": np.full(3, self._value, dtype=np.float32), "words": packed(["ä", "b"])}


def test_computed_once_then_read(tmp_path: Path) -> None:
    compute = Computing()
    first = ArrayCache("key", tmp_path).arrays("faq", compute)
    second = ArrayCache("key", tmp_path).arrays("faq", compute)
    assert compute.times == 1
    assert {name: array.tolist() for name, array in first.items()} == {
        name: array.tolist() for name, array in second.items()
    }


def test_another_key_or_name_is_another_entry(tmp_path: Path) -> None:
    compute = Computing()
    ArrayCache("key", tmp_path).arrays("faq", compute)
    ArrayCache("other", tmp_path).arrays("faq", compute)
    ArrayCache("key", tmp_path).arrays("acts", compute)
    assert compute.times == 3


def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    compute = Computing()
    ArrayCache("key", tmp_path).arrays("faq", compute)
    (file,) = tmp_path.glob("*.safetensors")
    for damage in (b"", b"\x08\0\0\0\0\0\0\0not json", file.read_bytes()[:-40]):
        file.write_bytes(damage)
        before = compute.times
        assert ArrayCache("key", tmp_path).arrays("faq", compute)["numbers"].tolist() == [1, 1, 1]
        assert compute.times == before + 1
        ArrayCache("key", tmp_path).arrays("faq", compute)
        assert compute.times == before + 1


def test_a_directory_that_cannot_be_made_costs_only_time(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("in the way")
    compute = Computing()
    for times in (1, 2):
        assert ArrayCache("key", blocker / "cache").arrays("faq", compute)["numbers"].tolist() == [1, 1, 1]
        assert compute.times == times


def test_old_entries_give_way_and_nothing_half_written_stays(tmp_path: Path) -> None:
    for number in range(9):
        ArrayCache(f"key {number}", tmp_path).arrays("faq", Computing(number))
    assert len(list(tmp_path.glob("faq-*.safetensors"))) == 4
    assert not list(tmp_path.glob("*.tmp"))


def test_texts_survive_packing() -> None:
    assert unpacked(packed(["ä b", "", "c++"])) == ["ä b", "", "c++"]
