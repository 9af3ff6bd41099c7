"""From a publisher's source to the body of an article: named steps, in order.

The work has three parts, and each part's result can be kept by the hash of what went into it: reading (slow, and the
same whatever the pictures are), setting each block by itself (code, formulas), finishing (fast).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from core.errors import InvalidInputError
from renderer.blocks import SETTERS
from renderer.body import Block, Body, Manuscript, Pictures, Work
from renderer.source import Source
from renderer.steps.count import count
from renderer.steps.drop_soup import drop_soup
from renderer.steps.insert_blocks import insert_blocks
from renderer.steps.join_cjk_lines import join_cjk_lines
from renderer.steps.make_figures import make_figures
from renderer.steps.name_alerts import name_alerts
from renderer.steps.number_headings import number_headings
from renderer.steps.parse import parse
from renderer.steps.place_pictures import place_pictures
from renderer.steps.point_links import point_links
from renderer.steps.read_html import read_html
from renderer.steps.review import review
from renderer.steps.sanitize import sanitize
from renderer.steps.set_tables import set_tables
from renderer.steps.space_scripts import space_scripts
from renderer.steps.tick_tasks import tick_tasks
from renderer.steps.to_tree import to_tree
from renderer.steps.write_tokens import write_tokens

Step = Callable[[Work], None]

READ: dict[str, tuple[Step, ...]] = {
    "markdown": (
        parse,  # Markdown -> tokens
        join_cjk_lines,  # a line break between two Chinese characters is no space
        write_tokens,  # tokens -> HTML; code and formulas are laid aside
    ),
    "html": (
        read_html,  # a document or a piece of one -> tree
        drop_soup,  # structure, emphasis, colours that matter, pictures; the rest goes
    ),
}
FINISH: tuple[Step, ...] = (
    to_tree,  # HTML -> tree
    number_headings,  # levels below the title, ids, the table of contents
    point_links,  # outside links say so
    place_pictures,  # names of the upload -> stored pictures, with width and height
    make_figures,  # a picture with a caption
    set_tables,  # wide tables scroll by themselves
    tick_tasks,  # check boxes are text
    space_scripts,  # between Chinese and Latin, where the author asks for it
    count,  # words, language, excerpt
    name_alerts,  # Note -> 说明, in an article in Chinese
    review,  # what a careful editor would say
    sanitize,  # the last to touch the author's markup
    insert_blocks,  # code and formulas, whose HTML is ours: the author's text in it is escaped
)

MAX_GROWTH = 20  # times the input
MIN_OUTPUT = 1024 * 1024  # characters that any article may make: some hundred formulas

# Raise one when the results of its part change, so that what is stored is made anew.
READING = "1"
FINISHING = "6"
PIPELINE = ".".join((READING, *(setter.version for _, setter in sorted(SETTERS.items())), FINISHING))


@dataclass(frozen=True, slots=True)
class Finished:
    """A body, and the blocks that had to be set for it, by their keys."""

    body: Body
    made: dict[str, str]


def render_body(source: Source, pictures: Pictures) -> Body:
    """Render one upload. Pure: the same source and pictures give the same bytes.

    Raises InvalidInputError when it is out of proportion.
    """
    return finish(source, read(source), pictures, {}).body


def read(source: Source) -> Manuscript:
    """The first part. Raises InvalidInputError for tables or elements without end."""
    work = Work(source)
    for step in READ[source.format]:
        step(work)
    return work.manuscript()


def finish(source: Source, manuscript: Manuscript, pictures: Pictures, known: Mapping[str, str]) -> Finished:
    """The other parts; `known` are blocks that were set before. Raises InvalidInputError."""
    work = Work(source, pictures, html=manuscript.html, blocks=list(manuscript.blocks))
    work.warnings = list(manuscript.warnings)
    made = _set_blocks(work, known)
    for step in FINISH:
        step(work)
    _check_growth(work, len(work.html))
    return Finished(work.body(), made)


def manuscript_key(source: Source) -> str:
    """The key under which a source's manuscript is kept: its text, its options, and the version of reading."""
    return _key("manuscript", READING, source.format, source.text, source.title, str(source.first_line))


def block_key(block: Block) -> str:
    """The key under which a block is kept once it is set."""
    return _key(block.kind, SETTERS[block.kind].version, block.info, block.text)


def _set_blocks(work: Work, known: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    size = 0
    for block in work.blocks:
        key = block_key(block)
        html = known.get(key) or made.get(key)
        if html is None:
            html = made[key] = SETTERS[block.kind].set(block)
        size += len(html)
        _check_growth(work, size)
        if problem := SETTERS[block.kind].problem(html):
            work.warn(problem, block.line)
        work.set_blocks.append(html)
    return made


def _check_growth(work: Work, size: int) -> None:
    """Some texts of a few bytes make megabytes of HTML; no article does."""
    if size > max(MIN_OUTPUT, MAX_GROWTH * len(work.source.text)):
        message = f"this makes {size:,} characters of HTML of {len(work.source.text):,}; simplify it"
        raise InvalidInputError.of(message, work.source.file)


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()
