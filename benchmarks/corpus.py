"""Articles for benchmarks, made of real ones by joining and altering their parts: no two share a paragraph or a block.

A change of words that keeps their kind and length: a Chinese character becomes another of the same text, a Latin word
gets another's letters. So the share of prose, lists, tables and code, and what compresses, stays what it was.
"""

import random
import re
from collections.abc import Iterator
from pathlib import Path

MEAN_BYTES = 20_480
FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n.*?^\1[ \t]*$\n?", re.DOTALL | re.MULTILINE)
FRONT = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"(?<![\w/:.#@-])[a-z]{6,12}(?![\w/:.@-])")
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
ALTERED = 0.3  # of the characters and words of a part


def sections(folder: Path) -> list[str]:
    """The parts of every article of a folder: what stands between two headings, code blocks kept whole."""
    parts: list[str] = []
    for file in sorted(folder.rglob("*.md")):
        text = PICTURE.sub("", FRONT.sub("", file.read_text("utf-8")))
        text = re.sub(r"</?[A-Za-z][^>]*>", "", text)
        parts += [part for part in _split(text) if part.strip()]
    return parts


def make_articles(folder: Path, count: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """`count` articles as (slug, Markdown with front matter), the same for the same folder and seed."""
    parts, dice = sections(folder), random.Random(seed)  # noqa: S311 - repeatable, not secret
    characters = IDEOGRAPH.findall("".join(parts)) or ["文"]
    words = WORD.findall("\n".join(parts)) or ["letters"]
    for number in range(count):
        target = dice.uniform(0.4, 1.6) * MEAN_BYTES
        text: list[str] = []
        size = 0
        while size < target:
            part = _altered(dice.choice(parts), dice, characters, words)
            text.append(part)
            size += len(part.encode())
        title = "".join(dice.choices(characters, k=12)) + f" {number}"
        tags = ", ".join(f"tag{dice.randrange(200)}" for _ in range(3))
        head = f"---\ntitle: {title}\ndate: 2025-{number % 12 + 1:02}-{number % 28 + 1:02}\ntags: [{tags}]\n---\n\n"
        yield f"a{number}", head + "\n\n".join(text) + "\n"


def _split(text: str) -> Iterator[str]:
    """Cut before each heading that stands outside code."""
    kept: list[str] = []
    for line in _lines(text):
        if re.match(r"#{1,4} ", line) and kept:
            yield "".join(kept)
            kept = []
        kept.append("#" + line if line.startswith("# ") else line)
    yield "".join(kept)


def _lines(text: str) -> Iterator[str]:
    """Lines; a fenced block counts as one."""
    end = 0
    for fence in FENCE.finditer(text):
        yield from text[end : fence.start()].splitlines(keepends=True)
        yield fence[0] if fence[0].endswith("\n") else fence[0] + "\n"
        end = fence.end()
    yield from text[end:].splitlines(keepends=True)


def _altered(part: str, dice: random.Random, characters: list[str], words: list[str]) -> str:
    part = IDEOGRAPH.sub(lambda found: dice.choice(characters) if dice.random() < ALTERED else found[0], part)
    return WORD.sub(lambda found: dice.choice(words) if dice.random() < ALTERED else found[0], part)
