"""Which characters are Chinese, for spacing and counting."""

import re

# Ideographs with their extensions, kana, CJK punctuation and full-width forms (Unicode 16, blocks).
# Curly quotes, dashes and the ellipsis are left out: Latin text has them too.
CJK = (
    r"\u2e80-\u30ff\u3100-\u312f\u31a0-\u31bf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    r"\U00020000-\U0003ffff"
)
IS_CJK = re.compile(f"[{CJK}]")
IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")


def is_cjk(character: str) -> bool:
    """Whether a character is Chinese text or its punctuation; an empty string is not."""
    return bool(IS_CJK.match(character))


def count_words(text: str) -> tuple[int, int]:
    """How many Chinese characters, and how many words of other scripts."""
    return sum(map(len, IDEOGRAPHS.findall(text))), len(WORD.findall(IDEOGRAPHS.sub(" ", text)))
