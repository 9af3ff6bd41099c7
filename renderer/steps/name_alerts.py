"""Alerts and boxes without a title of their own are named in the article's language."""

from renderer.body import Work

NAMES = {"Note": "说明", "Tip": "提示", "Important": "重要", "Warning": "注意", "Caution": "警告"}


def name_alerts(work: Work) -> None:
    """Write the five names in Chinese where the article is."""
    if not work.lang.startswith("zh"):
        return
    for title in work.tree.css("p.markdown-alert-title"):
        name = NAMES.get(title.text(deep=True).strip())
        if name is not None:
            for child in list(title.iter(include_text=True)):
                child.remove()
            title.insert_child(name)
