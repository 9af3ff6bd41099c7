"""Emphasis beside Chinese punctuation: `**注意：**请看` is bold.

CommonMark decides whether `**` may open or close by the spaces and punctuation around it, which Chinese text does not
put there (commonmark/commonmark-spec#650). This follows the CJK-friendly amendments: Chinese punctuation does not count
as punctuation, and a Chinese character on the other side counts like a space. Text without Chinese is read as before.
"""

import re
import unicodedata

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType

MAX_MARKS = 8_000  # a long paragraph with many links has three hundred
MARKS = re.compile(r"[\[\]()*_~=+^`<>!$&{}:\\\n]")
WIDE = {"W", "F", "H"}  # Unicode Standard Annex #11
# Wide characters that are pictures by default (Emoji_Presentation) are not Chinese text.
ANGLE_BRACKETS = "\u2329\u232a"
SQUARED_IDEOGRAPHS = (0x1F200, 0x1F265)
SQUARED_EMOJI = {0x1F201, 0x1F21A, 0x1F22F, *range(0x1F232, 0x1F237), *range(0x1F238, 0x1F23B), 0x1F250, 0x1F251}
EMOJI_BLOCKS = ((0x231A, 0x2BFF), (0x1F000, 0x1FAFF))
# They choose a glyph for the character before them. U+FE0F makes it an emoji, which is no Chinese text.
SELECTORS = ((0xFE00, 0xFE0E), (0xE0100, 0xE01EF))


def read_emphasis_in_chinese(markdown: MarkdownIt) -> None:
    """Let a parser read emphasis so. Its rules stay as they are."""
    parser = _Parser()
    parser.__dict__.update(markdown.inline.__dict__)
    markdown.inline = parser


class TooManyMarksError(Exception):
    """A paragraph of nothing but brackets or asterisks, over which rules that look ahead take minutes."""


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803, FBT001 - markdown-it's names
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before, after = _before(self.src, start), self.src[end] if end < self.posMax else " "
        punctuation_before, punctuation_after = _is_punctuation(before), _is_punctuation(after)
        breaks_before, breaks_after = _breaks(before), _breaks(after)
        left = not isWhiteSpace(ord(after)) and (not _is_foreign_punctuation(after) or breaks_before)
        right = not isWhiteSpace(ord(before)) and (not _is_foreign_punctuation(before) or breaks_after)
        can_open = left and (canSplitWord or not right or punctuation_before)
        can_close = right and (canSplitWord or not left or punctuation_after)
        return Scanned(can_open, can_close, end - start)


class _Parser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        if not self.terminator_re.search(src):  # two of three texts hold no mark at all
            tokens.append(Token("text", "", 0, content=src))
            return tokens
        _check(src)
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _check(text: str) -> None:
    if len(text) > MAX_MARKS and (count := len(MARKS.findall(text))) > MAX_MARKS:
        msg = f"a paragraph has {count:,} marks (brackets, asterisks …); the most is {MAX_MARKS:,}"
        raise TooManyMarksError(msg)


def is_chinese(character: str) -> bool:
    """Whether a character is wide text: an ideograph, kana, hangul or their punctuation, and no emoji."""
    code = ord(character)
    if unicodedata.east_asian_width(character) not in WIDE:
        return False
    if SQUARED_IDEOGRAPHS[0] <= code <= SQUARED_IDEOGRAPHS[1]:
        return code not in SQUARED_EMOJI
    return character in ANGLE_BRACKETS or not any(first <= code <= last for first, last in EMOJI_BLOCKS)


def _before(text: str, start: int) -> str:
    """The character before a run of marks; a selector belongs to the one before it."""
    while start > 1 and any(first <= ord(text[start - 1]) <= last for first, last in SELECTORS):
        start -= 1
    return text[start - 1] if start else " "


def _is_punctuation(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


def _is_foreign_punctuation(character: str) -> bool:
    return _is_punctuation(character) and not is_chinese(character)


def _breaks(character: str) -> bool:
    """What lets a run of marks beside punctuation open or close: a space, punctuation, or a Chinese character."""
    return isWhiteSpace(ord(character)) or _is_punctuation(character) or is_chinese(character)
