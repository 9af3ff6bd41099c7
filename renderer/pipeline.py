"""From a publisher's source to the body of an article: named steps, in order."""

from collections.abc import Callable

from core.errors import InvalidInputError
from renderer.body import Body, Pictures, Work
from renderer.source import Source
from renderer.steps.count import count
from renderer.steps.join_cjk_lines import join_cjk_lines
from renderer.steps.name_alerts import name_alerts
from renderer.steps.number_headings import number_headings
from renderer.steps.parse import parse
from renderer.steps.place_pictures import place_pictures
from renderer.steps.point_links import point_links
from renderer.steps.review import review
from renderer.steps.sanitize import sanitize
from renderer.steps.set_tables import set_tables
from renderer.steps.tick_tasks import tick_tasks
from renderer.steps.to_tree import to_tree

STEPS: tuple[Callable[[Work], None], ...] = (
    parse,  # Markdown -> tokens
    join_cjk_lines,  # a line break between two Chinese characters is no space
    to_tree,  # tokens -> HTML tree
    number_headings,  # levels below the title, ids, the table of contents
    point_links,  # outside links say so
    place_pictures,  # names of the upload -> stored pictures, with width and height
    set_tables,  # wide tables scroll by themselves
    tick_tasks,  # check boxes are text
    count,  # words, language, excerpt
    name_alerts,  # Note -> 说明, in an article in Chinese
    review,  # what a careful editor would say
    sanitize,  # always last: what follows must not let the author's markup back in
)

MAX_GROWTH = 20  # times the input
MIN_OUTPUT = 256 * 1024  # characters that any article may make

PIPELINE = "4"  # raise it when a step's result changes, so that stored bodies are made anew


def render_body(source: Source, pictures: Pictures) -> Body:
    """Render one upload. Pure: the same source and pictures give the same bytes.

    Raises InvalidInputError when the result is out of proportion.
    """
    work = Work(source, pictures)
    for step in STEPS:
        step(work)
    _check_growth(work)
    return work.body()


def _check_growth(work: Work) -> None:
    """Some texts of a few bytes make megabytes of HTML; no article does."""
    most = max(MIN_OUTPUT, MAX_GROWTH * len(work.source.text))
    if len(work.html) > most:
        message = f"this makes {len(work.html):,} characters of HTML of {len(work.source.text):,}; simplify it"
        raise InvalidInputError.of(message, work.source.file)
