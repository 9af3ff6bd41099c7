"""Task lists: a reader cannot tick them, so the boxes are text."""

from renderer.body import Work


def tick_tasks(work: Work) -> None:
    """Write each check box as a ballot box character; other form fields go with the sanitiser."""
    for box in work.tree.css("input[type=checkbox]"):
        box.replace_with("☑" if "checked" in box.attributes else "☐")
