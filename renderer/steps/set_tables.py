"""Tables: a wide one scrolls by itself, and alignment is a class."""

from renderer.body import Work

ALIGNMENTS = {f"text-align:{side}": f"align-{side}" for side in ("left", "center", "right")}


def set_tables(work: Work) -> None:
    """Put each table into a box that scrolls; say alignment without an inline style, which the policy forbids."""
    for cell in work.tree.css("th[style], td[style]"):
        written = (cell.attributes.get("style") or "").replace(" ", "").rstrip(";")
        if written in ALIGNMENTS:
            cell.attrs["class"] = ALIGNMENTS[written]
            del cell.attrs["style"]
    for table in work.tree.css("table"):
        box = work.tree.create_node("div")
        box.attrs["class"] = "table"
        box.attrs["tabindex"] = "0"  # who has no pointer scrolls it by keys
        box.insert_child(table)
        table.replace_with(box)
