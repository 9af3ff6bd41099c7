"""What a reader sees: published through the API, opened in Chromium as WeChat's browser on a phone."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.async_api import Browser, ConsoleMessage

from tests.command import Command, Server
from tests.pictures import picture

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 MicroMessenger/8.0.54(0x18003625) NetType/WIFI Language/zh_CN"
)
ARTICLE = """# 给读者的一页

第一段文字，**重点**在这里。

![示意图](p.png)

| 甲 | 乙 |
|---|---|
| 一行很长很长很长很长的内容 | another-very-long-cell-without-any-space-in-it |

```text
a line of code that is much longer than any phone is wide, so that the block has to scroll by itself
```

<script>document.title = "script ran"</script>
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    command = Command(tmp_path_factory.mktemp("reading"))
    command.open_account()
    token = command.run_here("token", "add", "demo").split()[0]
    with command.serving() as started:
        headers = {"authorization": f"Bearer {token}"}
        url = f"{started.url}/api/accounts/demo/articles/page"
        parts = [("article", ("page.md", ARTICLE.encode())), ("pictures", ("p.png", picture(900, 400)))]
        assert httpx2.put(url, files=parts, headers=headers, timeout=30).status_code == 201
        assert httpx2.put(f"{url}/publication", headers=headers, timeout=30).status_code == 201
        yield started


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_opens_without_an_error(browser: Browser, server: Server, scheme: str) -> None:
    context = await browser.new_context(
        viewport={"width": 375, "height": 812},
        user_agent=WECHAT,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("requestfailed", lambda request: said.append(request.url))
    response = await page.goto(f"{server.url}/demo/p/page")
    assert response is not None
    assert response.status == 200
    await page.wait_for_load_state("networkidle")
    assert said == []
    assert await page.title() == "给读者的一页 - 示例"
    assert await page.locator("script:not([type='application/ld+json'])").count() == 1  # the copy button's
    assert await page.locator("h1").inner_text() == "给读者的一页"
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(25, 25, 25)"}[scheme]
    assert await page.evaluate("getComputedStyle(document.body).fontSize") == "17px"
    assert await page.evaluate("document.documentElement.scrollWidth") == 375
    box = await page.locator("img").bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (343, round(343 * 400 / 900))
    assert await page.locator("img").evaluate("picture => picture.complete && picture.naturalWidth") == 900
    await context.close()


async def test_code_is_copied_and_a_page_without_scripts_has_no_button(browser: Browser, server: Server) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{server.url}/demo/p/page")
    await page.get_by_role("button", name="复制").click()
    assert (await page.evaluate("navigator.clipboard.readText()")).startswith("a line of code that is much longer")
    await context.close()
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server.url}/demo/p/page")
    assert await page.locator("button").count() == 0
    assert await page.locator("pre").count() == 1
    await context.close()


async def test_the_picture_holds_its_place_before_it_arrives(browser: Browser, server: Server) -> None:
    context = await browser.new_context(viewport={"width": 375, "height": 812}, java_script_enabled=True)
    page = await context.new_page()
    await page.route("**/media/**", lambda route: route.abort())
    await page.goto(f"{server.url}/demo/p/page")
    box = await page.locator("img").bounding_box()
    assert box is not None
    assert round(box["height"]) == round(343 * 400 / 900)
    await context.close()


async def test_the_home_leads_to_the_article_and_back(browser: Browser, server: Server) -> None:
    context = await browser.new_context(viewport={"width": 375, "height": 812}, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server.url}/")
    assert page.url == f"{server.url}/demo/"
    await page.get_by_role("link", name="给读者的一页").click()
    assert page.url == f"{server.url}/demo/p/page"
    await page.get_by_role("link", name="全部文章").click()
    assert page.url == f"{server.url}/demo/"
    await context.close()
