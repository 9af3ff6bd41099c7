"""Front matter: the lines of YAML between two `---`, or of TOML between two `+++`, at an article's head.

YAML is read as a tree of plain texts (no types, no aliases, little depth), so that `title: 2024` is a title
and an alias bomb is an error, and each value keeps its line for the error that may name it.
"""

import json
import posixpath
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, tzinfo
from typing import Any

import yaml

from core.errors import InvalidInputError, Problem

MAX_FRONT_MATTER = 16 * 1024  # bytes; twenty lines are usual
MAX_DEPTH = 4
MAX_TAGS = 20
MAX_TAG = 40  # characters; percent-encoded, an address still takes them
MAX_VALUE = 500  # characters
FENCE = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)(?:^---[ \t]*$|^\.\.\.[ \t]*$)\n?", re.DOTALL | re.MULTILINE)
TOML_FENCE = re.compile(r"\A\+\+\+[ \t]*\n(?P<toml>.*?)^\+\+\+[ \t]*$\n?", re.DOTALL | re.MULTILINE)
TOML_LINE = re.compile(r"\(at line (\d+)")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MAX_SLUG = 80
# Control characters, noncharacters, and what turns or hides the text beside it (Unicode Technical Report 36).
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
HTTP = re.compile(r"https?://[^\s<>\"'`{}|\\^]+")
LANG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What an article says about itself; every key may be left out."""

    title: str | None = None
    author: str | None = None
    date: int | None = None
    "Seconds since 1970-01-01T00:00Z."
    digest: str | None = None
    tags: tuple[str, ...] = ()
    cover: str | None = None
    "The name of one of the upload's pictures."
    slug: str | None = None
    lang: str | None = None
    license: str | None = None
    "What others may do with it: `CC BY 4.0`, or a sentence."
    original: str | None = None
    "The address where it was published first."
    translations: tuple[tuple[str, str], ...] = ()
    "Language and address of each translation."
    spacing: bool = False
    "Whether a space is written between Chinese and Latin."


class _Refused(Exception):  # noqa: N818 - never leaves this file
    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.line = mark.line + 1 if mark else 1


class _Loader(yaml.SafeLoader):
    """Composes a tree and refuses what an article has no use for."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        mark: Any = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        if self.check_event(yaml.AliasEvent):
            raise _Refused("aliases (*name) are not allowed; write the value out", mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused(f"values are nested deeper than {MAX_DEPTH}", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_front_matter(
    text: str, file: str, zone: tzinfo, head: str = ""
) -> tuple[FrontMatter, str, int, tuple[Problem, ...]]:
    """Read the head: the values, the rest of the text, its first line, and warnings. `head` was sent beside it.

    Raises InvalidInputError with the line of the value that is wrong.
    """
    if (toml := TOML_FENCE.match(text)) is not None:
        written, rest = _yaml_of_toml(toml["toml"], file), text[toml.end() :]
        lines = toml[0].count("\n")
    elif (found := FENCE.match(text)) is not None:
        written, rest, lines = found["yaml"], text[found.end() :], found[0].count("\n")
    elif re.match(r"(---[ \t]*\n[A-Za-z_-]+:|\+\+\+[ \t]*\n[A-Za-z_-]+ *=)", text):
        message = f"the front matter is not closed. End it with a line of {text[:3]}"
        raise InvalidInputError.of(message, file, 1)
    else:
        values, warnings = _values(head, FrontMatter(), file, zone)
        return values, text, 1, warnings
    own, own_warnings = _values(written, FrontMatter(), file, zone)
    values, warnings = _values(head, own, file, zone)
    return values, rest, 1 + lines, (*own_warnings, *warnings)


def checked_slug(value: str) -> str:
    """The value, when it can stand in an address; ValueError otherwise."""
    if len(value) > MAX_SLUG or not SLUG.fullmatch(value):
        msg = f"{value[:MAX_SLUG]!r} is no slug: use a-z, 0-9 and single hyphens, {MAX_SLUG} characters at most"
        raise ValueError(msg)
    return value


def _yaml_of_toml(toml: str, file: str) -> str:
    """TOML's values as YAML, each key on the line where it stood."""
    if len(toml.encode()) > MAX_FRONT_MATTER:
        raise InvalidInputError.of(f"the front matter is over {MAX_FRONT_MATTER // 1024} KiB", file, 1)
    try:
        values = tomllib.loads(toml)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = TOML_LINE.search(str(error))
        message = f"the front matter cannot be read as TOML: {error}."
        raise InvalidInputError.of(message, file, int(found[1]) + 1 if found else 1) from error
    lines = [""] * (toml.count("\n") + 1)
    for key, value in values.items():
        found = re.search(
            rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=|^[ \t]*\[{re.escape(key)}\]", toml, re.MULTILINE
        )
        lines[toml.count("\n", 0, found.start()) if found else 0] += json.dumps({key: value}, default=str)[1:-1]
    return "{" + "\n".join(line + "," if line else line for line in lines) + "}"


def _values(head: str, values: FrontMatter, file: str, zone: tzinfo) -> tuple[FrontMatter, tuple[Problem, ...]]:
    """The values with those of the head above them."""
    warnings = []
    for key, line, node in _entries(head, file):
        if key not in _READERS:
            known = ", ".join(field.name for field in fields(FrontMatter))
            warnings.append(Problem(f"the key {key!r} is not used here. Used are: {known}.", file, line))
            continue
        try:
            values = replace(values, **{key: _READERS[key](node, zone)})
        except ValueError as error:
            raise InvalidInputError.of(f"{key!r}: {error}", file, line) from error
    return values, tuple(warnings)


def _entries(head: str, file: str) -> list[tuple[str, int, Any]]:
    """The keys with their lines and nodes, in order."""
    if len(head.encode()) > MAX_FRONT_MATTER:
        raise InvalidInputError.of(f"the front matter is over {MAX_FRONT_MATTER // 1024} KiB", file, 1)
    try:
        node = yaml.compose(head, Loader=_Loader)
    except _Refused as error:
        raise InvalidInputError.of(f"front matter: {error}", file, error.line + 1) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        message = f"the front matter cannot be read: {problem}. Put values with ':' or '#' in quotes."
        raise InvalidInputError.of(message, file, mark.line + 2 if mark else 1) from error
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise InvalidInputError.of("the front matter must be lines of 'key: value'", file, 2)
    return [(str(key.value), key.start_mark.line + 2, value) for key, value in node.value]


def _text(node: Any, _zone: tzinfo) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        msg = "write one line of text"
        raise ValueError(msg)  # noqa: TRY004 - one kind of refusal
    # YAML's "\\ud83d\\ude00" is two halves of one character.
    whole = str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = " ".join(UNSEEN.sub("", whole).split())
    if len(text) > MAX_VALUE:
        msg = f"this has {len(text)} characters; the most is {MAX_VALUE}"
        raise ValueError(msg)
    return text or None


def _date(node: Any, zone: tzinfo) -> int | None:
    text = _text(node, zone)
    if text is None:
        return None
    return parsed_date(text, zone)


def parsed_date(text: str, zone: tzinfo) -> int:
    """Seconds of a written date; one without an offset is in the given zone. Raises ValueError with advice."""
    try:
        moment = datetime.fromisoformat(text)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError) as error:
        msg = f"not a date: {text[:40]!r}. Write YYYY-MM-DD or YYYY-MM-DDTHH:MM+08:00."
        raise ValueError(msg) from error
    if seconds < 0:
        msg = f"the date {text!r} is before 1970"
        raise ValueError(msg)
    return seconds


def _tags(node: Any, zone: tzinfo) -> tuple[str, ...]:
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    written = [_text(one, zone) or "" for one in nodes]
    if not isinstance(node, yaml.SequenceNode):
        written = re.split(r"[,，、]", written[0])
    tags = tuple(dict.fromkeys(tag.strip() for tag in written if tag.strip()))
    if long := next((tag for tag in tags if len(tag) > MAX_TAG), None):
        msg = f"the tag {long[:MAX_TAG]!r}… has {len(long)} characters; the most is {MAX_TAG}"
        raise ValueError(msg)
    if wrong := next((tag for tag in tags if posixpath.normpath(f"/{tag}") != f"/{tag}" or "\\" in tag), None):
        msg = f"the tag {wrong!r} cannot stand in an address; write it without dots and slashes at its ends"
        raise ValueError(msg)
    if len(tags) > MAX_TAGS:
        msg = f"there are {len(tags)} tags; the most is {MAX_TAGS}"
        raise ValueError(msg)
    return tags


def _slug(node: Any, zone: tzinfo) -> str | None:
    text = _text(node, zone)
    return None if text is None else checked_slug(text)


def _lang(node: Any, zone: tzinfo) -> str | None:
    text = _text(node, zone)
    if text is not None and not LANG.fullmatch(text):
        msg = f"{text!r} is no language tag; write one like zh-CN or en"
        raise ValueError(msg)
    return text


def _address(node: Any, zone: tzinfo) -> str | None:
    text = _text(node, zone)
    if text is not None and not HTTP.fullmatch(text):
        msg = f"{text[:60]!r} is no address; write one like https://example.com/page"
        raise ValueError(msg)
    return text


def _translations(node: Any, zone: tzinfo) -> tuple[tuple[str, str], ...]:
    if not isinstance(node, yaml.MappingNode):
        msg = "write a line for each language, like 'en: https://example.com/page'"
        raise ValueError(msg)  # noqa: TRY004 - one kind of refusal
    pairs = ((_lang(lang, zone), _address(address, zone)) for lang, address in node.value)
    return tuple(sorted((lang, address) for lang, address in pairs if lang and address))


def _switch(node: Any, zone: tzinfo) -> bool:
    text = (_text(node, zone) or "false").lower()
    if text not in {"true", "false", "yes", "no", "on", "off"}:
        msg = f"write true or false, not {text[:20]!r}"
        raise ValueError(msg)
    return text in {"true", "yes", "on"}


_READERS: dict[str, Callable[[Any, tzinfo], Any]] = {
    "title": _text,
    "author": _text,
    "date": _date,
    "digest": _text,
    "tags": _tags,
    "cover": _text,
    "slug": _slug,
    "lang": _lang,
    "license": _text,
    "original": _address,
    "translations": _translations,
    "spacing": _switch,
}
