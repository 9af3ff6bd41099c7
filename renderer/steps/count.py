"""Counting: words, the language, and the first sentences."""

import re

from renderer.body import Work
from renderer.cjk import count_words

MAX_EXCERPT = 120  # characters; search engines show about as many, WeChat takes 128
CHINESE_SHARE = 0.2  # technical Chinese is full of English words
SENTENCE_END = re.compile(r"(?<=[。！？!?])|(?<=\.)\s")


def count(work: Work) -> None:
    """Count the words, tell the language where the publisher did not, take the first sentences."""
    text = work.plain(work.tree.root.text(deep=True, separator="") if work.tree.root else "")
    chinese, other = count_words(text)
    work.words = chinese + other
    share = chinese / (chinese + other or 1)
    work.lang = work.source.lang or ("zh-CN" if share >= CHINESE_SHARE else "en")
    work.excerpt = _excerpt(work)


def _excerpt(work: Work) -> str:
    taken = ""
    for node in work.tree.css("p"):
        paragraph = " ".join(work.plain(node.text(deep=True)).split())
        sentences: list[str] = SENTENCE_END.split(paragraph)
        for sentence in filter(None, sentences):
            joint = " " if taken and taken[-1].isascii() else ""
            if taken and len(taken) + len(joint) + len(sentence) > MAX_EXCERPT:
                return taken
            taken += joint + sentence.strip()
            if len(taken) > MAX_EXCERPT:
                return taken[: MAX_EXCERPT - 1].rstrip() + "…"
    return taken
