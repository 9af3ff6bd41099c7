import base64
import re
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, FileSystemLoader, TemplateSyntaxError, meta

from ops.parts import folder
from renderer.contexts import AccountCard, NoticePage, SitePage, moment
from renderer.environment import COMMENT, TEMPLATES, Press, _hash

FOLDER = folder("none", "templates")
STATIC = {name: f"/static/{name}" for name in ("icon.svg", "icon-180.png", "katex/katex.css")}
COPY = COMMENT.sub("", (FOLDER / "parts/copy.js").read_text("utf-8")).strip()
LOOP_VARIABLES = {
    "article",
    "month",
    "account",
    "tag",
    "heading",
    "description",
    "entry",
    "translation",
    "loop",
    "path",
}
NOTICE = NoticePage("zh-CN", "<标题>", "说", "/", "回")


@pytest.mark.parametrize("context", list(TEMPLATES))
def test_a_template_uses_all_of_its_context_and_nothing_else(context: type) -> None:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True)
    used: set[str] = set()
    waiting, seen = [TEMPLATES[context]], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        tree = environment.parse((FOLDER / name).read_text("utf-8"))
        used |= meta.find_undeclared_variables(tree)
        waiting += [other for other in meta.find_referenced_templates(tree) if other and other not in seen]
    allowed = {field.name for field in fields(context)}
    assert used - {"style", "copy", "static"} - LOOP_VARIABLES <= allowed
    assert {name for name in allowed if name not in used} == set()


def test_the_policy_knows_the_style_and_the_one_script_by_their_hashes() -> None:
    page = Press(FOLDER, STATIC).compose("/x", NOTICE).carve()
    text, policy = page.text().decode(), dict(page.headers)["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert f"'sha256-{base64.b64encode(sha256(style[1].encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert re.findall(r"script-src [^;]*;", policy) == [f"script-src '{_hash(COPY)}';"]
    assert policy.count("unsafe") == 1
    assert "style-src-attr 'unsafe-inline'" in policy
    assert "&lt;标题&gt;" in text


def test_carving_twice_gives_the_same_page() -> None:
    assert Press(FOLDER, STATIC).compose("/x", NOTICE).carve() == Press(FOLDER, STATIC).compose("/x", NOTICE).carve()


def test_another_template_or_static_file_is_another_fingerprint(tmp_path: Path) -> None:
    def copy() -> None:
        for path in FOLDER.rglob("*.*"):
            target = tmp_path / path.relative_to(FOLDER)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())

    copy()
    same = Press(tmp_path, STATIC).rendered_by
    assert same == Press(FOLDER, STATIC).rendered_by
    assert same != Press(FOLDER, {**STATIC, "icon.svg": "/static/x.svg"}).rendered_by
    (tmp_path / "pages/notice.html").write_text("{{ title }}")
    assert same != Press(tmp_path, STATIC).rendered_by


def test_a_broken_template_stops_the_start(tmp_path: Path) -> None:
    for path in FOLDER.rglob("*.*"):
        target = tmp_path / path.relative_to(FOLDER)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    (tmp_path / "pages/notice.html").write_text("{% if %}")
    with pytest.raises(TemplateSyntaxError):
        Press(tmp_path, STATIC)


def test_the_list_of_accounts_links_each() -> None:
    cards = (AccountCard("甲", "/a/", "https://s/a/"), AccountCard("乙", "/", "https://b/"))
    text = Press(FOLDER, STATIC).text(SitePage("zh-CN", "https://s/", "站", cards))
    assert text.count('<h2><a href="https://') == 2


def test_a_time_is_written_in_the_language_of_its_page() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert moment(0, zone, "zh-CN").text == "1970年1月1日 08:00"
    assert moment(0, zone, "en").text == "1970-01-01 08:00"
    assert moment(16 * 3600, zone, "zh-CN").text == "1970年1月2日"
    assert moment(0, zone, "en").iso == "1970-01-01T08:00:00+08:00"
