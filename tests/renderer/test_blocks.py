"""Formulas, colours and styles: what is ours after the sanitiser, and what an author's style may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.colours import DARK_PAPER, LIGHT_PAPER, READABLE, contrast, parse_colour
from renderer.math import MAX_TEX, _setter, formula, formula_problem
from renderer.styles import checked_style
from tests.renderer.test_pipeline import body_of

STYLES = st.lists(
    st.sampled_from(
        [
            *("color:", "background-color:", "background:", "text-align:", "width:", "font-weight:", "position:fixed"),
            *(
                "red",
                "#00f",
                "rgb(9,200,30)",
                "url(x)",
                "light-dark(#112233,#445566)",
                "50%",
                "center",
                "bold",
                "9999px",
            ),
            *(";", ";", ";", " ", "!important", "/*", "*/", "\\", '"', "(", ")", "{", "}", "expression(1)", "中"),
        ]
    ),
    max_size=14,
).map("".join)


def test_a_formula_is_for_the_eye_and_for_screen_readers() -> None:
    html = body_of("设 $a^2$，得\n\n$$\n\\sum_{i=1}^n i\n$$\n").html
    assert html.count('<math xmlns="http://www.w3.org/1998/Math/MathML"') == 2
    assert html.count('class="katex-display"') == 1
    assert '<annotation encoding="application/x-tex">a^2</annotation>' in html


@pytest.mark.parametrize(
    "text",
    [
        *(
            "价格$5和$6之间",
            "$5 and $6",
            "US$5/HK$6",
            "$5,$6",
            "\\$a$",
            "$ a $",
            "$",
            "$$",
            "$$$",
            "a$b$中",
            "$c中文d$",
        ),
        *("`$a$`", "    $a$\n", "$a\n\n$"),
    ],
)
def test_money_and_lone_dollars_are_text(text: str) -> None:
    assert not body_of(text).has_math


def test_formulas_are_found_where_they_are() -> None:
    for text in (
        "公式$E=mc^2$。",
        "$\\text{中文}$",
        "$$a$$ 在行内",
        "$$a\nb$$",
        "```math\na\n```",
        "- $a$\n",
        "> $$\n> a\n> $$\n",
    ):
        assert body_of(text).has_math, text
    assert body_of("## 标题 $x$").headings[0].text == "标题 x"
    assert body_of("价 $5和$6，而 $x$ 是数").html.count("katex-mathml") == 1


def test_wrong_tex_shows_its_source_and_says_so() -> None:
    body = body_of("一\n\n$\\frac{a$ 和 $\\text{<script>alert(1)</script>}$ 和 $\\href{javascript:alert(1)}{x}$\n")
    assert "\\frac{a</code>" in body.html
    assert "<script" not in body.html
    assert "href=" not in body.html
    (warning,) = body.warnings
    assert warning.line == 6
    assert "expected '}'" in warning.message


def test_formulas_that_take_too_much_are_shown_as_they_are_written() -> None:
    assert "the most is" in (formula_problem(formula("x" * (MAX_TEX + 1), display=False)) or "")
    bomb = r"\def\a{\b\b}\def\b{\c\c}\def\c{\d\d}\def\d{\a\a}\a"
    assert formula_problem(formula(bomb, display=True)) is not None
    deep = "{" * 2_400 + "}" * 2_400
    assert "stack size" in (formula_problem(formula(deep, display=True)) or "")
    _setter.cache_clear()
    assert formula_problem(formula("x", display=False)) is None


@given(STYLES)
def test_a_checked_style_is_on_the_list_and_checking_twice_changes_nothing(css: str) -> None:
    checked = checked_style(css)
    assert checked_style(checked) == checked
    for declaration in filter(None, checked.split(";")):
        name, _, value = declaration.partition(":")
        assert name in {
            "color",
            "background-color",
            "text-align",
            "font-weight",
            "font-style",
            "text-decoration",
            "width",
        }
        assert "url" not in value
        assert "(" not in value or value.startswith("light-dark(#")


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_every_colour_that_stays_can_be_read_on_both_papers(rgb: tuple[int, int, int]) -> None:
    checked = checked_style(f"color:rgb{rgb}")
    if not checked:
        assert max(rgb) - min(rgb) < 0.25 * 255 + 1
        return
    light, dark = checked.rpartition("(")[2].rstrip(")").split(",")
    for colour, paper in ((parse_colour(light), LIGHT_PAPER), (parse_colour(dark), DARK_PAPER)):
        assert colour is not None
        assert contrast(colour, paper) >= READABLE


def test_what_a_style_may_not_say() -> None:
    for css in (
        *(
            "position:fixed;z-index:9",
            "margin:-99px",
            "font-size:99px",
            "display:none",
            "background:url(//x)",
            "x" * 3_000,
        ),
        *(
            "width:9999px",
            "width:0%",
            "color:inherit",
            "color:rgba(255,0,0,.1)",
            "transform:scale(9)",
            "text-align:justify",
        ),
    ):
        assert checked_style(css) == "", css
    assert (
        checked_style("TEXT-ALIGN:Center;font-weight:700;width:50%") == "text-align:center;font-weight:bold;width:50%"
    )
    assert checked_style("background-color:#ffee66") == "color:#000000;background-color:#ffee66"
