"""YAML files that know the line of every field, so that a mistake in one can be pointed at."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from advisor.errors import AdvisorError

try:  # libyaml parses about ten times faster; wheels have it, some distributions do not
    from yaml import CSafeLoader as _BaseLoader
except ImportError:
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

ProblemKind = Literal["invalid", "broken-reference"]

MAX_BYTES = 8_000_000

_QUOTED = re.compile(r"""(?:^|(?<=[\s\[,]))(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")""")
_COMMENT_AFTER_VALUE = re.compile(r"\S\s+#")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a knowledge pack: where, and what to do about it. `line` counts from 1."""

    file: str
    line: int | None
    field: str
    message: str
    kind: ProblemKind = "invalid"

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class PackError(AdvisorError):
    """A knowledge pack that cannot be used, with every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[PackError], tuple[tuple[Problem, ...]]]:
        """How it comes back from a worker process: made of its problems, not of its message."""
        return type(self), (self.problems,)


class _Loader(_BaseLoader):
    """Safe YAML with two traps removed: yes/no/on/off stay words, and a key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key_node.value} is given twice", key_node.start_mark
                )
            seen.add(str(key_node.value))
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in _BaseLoader.yaml_implicit_resolvers.items()
}


@lru_cache(maxsize=8)
def _composed(text: str) -> yaml.Node | None:
    """The text's nodes with their marks; kept, as a file with one mistake often has more."""
    node: yaml.Node | None = yaml.compose(text, _BaseLoader)
    return node


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A parsed YAML text. `name`: how to call the file; `first_line`: where the text starts in that file."""

    name: str
    text: str
    data: Any
    first_line: int = 1

    @classmethod
    def parse(cls, name: str, text: str, first_line: int = 1) -> YamlDocument:
        """Raises PackError when `text` is not YAML."""
        try:
            data = yaml.load(text, _Loader)  # noqa: S506 (a subclass of the safe loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            # At an unexpected end of the text the mark is one line past it.
            line = None if mark is None else min(mark.line, text.count("\n")) + first_line
            raise PackError([Problem(name, line, "", f"not valid YAML: {error.problem or error.context}")]) from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise PackError([Problem(name, None, "", f"not valid YAML: {error}")]) from error
        return cls(name, text, data, first_line)

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the deepest field on `path` that exists in the text."""
        node = _composed(self.text)
        line = self.first_line
        for step in path:
            if isinstance(node, yaml.MappingNode):
                match = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                match = (node.value[step], node.value[step])
            else:
                match = None
            if match is None:
                break
            line = match[0].start_mark.line + self.first_line
            node = match[1]
        return line

    def comments_beside_values(self) -> list[int]:
        """The lines on which a comment follows a value: where `#` is a common word, it was meant as one."""
        return [
            number
            for number, line in enumerate(self.text.splitlines(), self.first_line)
            if "#" in line and not line.lstrip().startswith("#") and _COMMENT_AFTER_VALUE.search(_QUOTED.sub("q", line))
        ]

    def problem(self, path: Sequence[str | int], message: str, missing: bool = False) -> Problem:
        """A problem with the field at `path`. `missing`: it names something that is not there."""
        words = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
        kind: ProblemKind = "broken-reference" if missing else "invalid"
        return Problem(self.name, self.line(path), "".join(words).lstrip("."), message, kind)


def read_text(path: Path, name: str) -> str:
    """Reads a UTF-8 text file of a pack; raises PackError when that cannot be done."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PackError([Problem(name, None, "", f"larger than {MAX_BYTES:,} bytes")])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError([Problem(name, None, "", f"not UTF-8 text (byte {error.start})")]) from error
    except OSError as error:
        raise PackError([Problem(name, None, "", error.strerror or str(error))]) from error
