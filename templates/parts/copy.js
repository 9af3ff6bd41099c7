/* A button on each block of code. It is made here, so that a page without scripts has no button that does nothing. */
for (const block of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = document.documentElement.lang.startsWith("zh") ? "复制" : "Copy";
  button.onclick = async () => {
    const text = block.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "✓";
    setTimeout(() => { button.textContent = document.documentElement.lang.startsWith("zh") ? "复制" : "Copy"; }, 1500);
  };
  const box = document.createElement("div");
  box.className = "code";
  block.replaceWith(box);
  box.append(block, button);
}
