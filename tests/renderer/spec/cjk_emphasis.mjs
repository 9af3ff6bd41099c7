// Cases for tests/renderer/spec/cjk_emphasis.json: texts around emphasis, read by the reference implementation.
// npm install markdown-it markdown-it-cjk-friendly; node gen.mjs > cjk_emphasis.json
import MarkdownIt from "markdown-it";
import cjk from "markdown-it-cjk-friendly";

const md = MarkdownIt("commonmark").enable("strikethrough").use(cjk);
const outside = ["", " ", "中", "。", "，", "：", "“", "”", "「", "」", "（", "）", "a", "1", ".", "(", ")", "!", "한", "あ", "ー", "𠮷", "🈂", "😀", "〜", "…", "—", "㊙️", "葛󠄀", "！", "é", "$", "－", "＄", "\u3000"];
const inside = ["中", "。", "“引”", "「引」", "（注）", "a", "a.", "(a)", "中。", "。中", "中，", "：", "𠮷", "😀", "한.", "あ！", "[中](x)", "`c`", "—", "…中…", "㊙️", "葛󠄀", "'a'", "＄5"];
let seed = 20250101;
const pick = (list) => { seed = (seed * 1103515245 + 12345) % 2147483648; return list[Math.floor((seed / 2147483648) * list.length)]; };
const cases = new Map();
while (cases.size < 1500) {
  const mark = pick(["**", "**", "**", "*", "_", "__", "~~", "***"]);
  const words = pick(["", "", "", "词", "word"]);
  let text = words + pick(outside) + mark + pick(inside) + (pick([0, 1]) ? pick(["字", "x", ""]) + pick(inside) : "") + mark + pick(outside) + words;
  if (pick([0, 0, 0, 1])) text += mark + pick(inside) + mark + pick(outside);
  if (text.trim() !== text || /^[#>\-+\d]/.test(text)) continue;
  cases.set(text, md.renderInline(text));
}
console.log(JSON.stringify([...cases], null, 0).replaceAll("],[", "],\n["));
