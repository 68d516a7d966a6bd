"""The structure tree is put into objects here, once everything is drawn (ISO 32000-1, 14.7.2 and 14.7.4.4).

Beside the tree a file holds the parent tree: for each page the element of each piece of marked content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.documents.tags import Element, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from desktop.documents.tags import Structure


def tree_objects(
    structure: Structure, root: int, first: int, pages: Sequence[str]
) -> Iterator[tuple[int, bytes]]:
    """Yield the number and content of each object of the tree.

    The root has the number ``root``, the elements those from ``first`` on; ``pages`` are references.
    """
    numbers = {element: number for number, element in enumerate(_elements(structure.root), start=first)}
    refers = {element: f"{number} 0 R" for element, number in numbers.items()}
    key = len(pages)  # of the signature's field, which is the only one
    parents = [
        f"{page}[{' '.join(refers[element] for element in marks)}]"
        for page, marks in enumerate(structure.pages[:key])
    ]
    parents += [f"{key} {refers[element]}" for element in numbers if element.role == "Form"]
    tree = f"/K {refers[structure.root]}/ParentTree<</Nums[{' '.join(parents)}]>>/ParentTreeNextKey {key + 1}"
    yield root, f"<</Type/StructTreeRoot{tree}>>".encode()
    above = {structure.root: f"{root} 0 R"}
    for element, number in numbers.items():
        for kid in element.kids:
            if isinstance(kid, Element):
                above[kid] = refers[element]
        entries = f"/S/{element.role}/P {above[element]}{element.entries}{_kids(element, refers, pages)}"
        yield number, f"<</Type/StructElem{entries}>>".encode()


def _elements(element: Element) -> Iterator[Element]:
    """Yield ``element`` and all below it."""
    waiting = [element]
    while waiting:
        element = waiting.pop()
        yield element
        waiting.extend(kid for kid in reversed(element.kids) if isinstance(kid, Element))


def _kids(element: Element, refers: dict[Element, str], pages: Sequence[str]) -> str:
    """Return the entries that name what ``element`` holds, and the page of most of its content."""
    page = next((kid.page for kid in element.kids if isinstance(kid, Mark)), None)
    kids = []
    for kid in element.kids:
        if isinstance(kid, Element):
            kids.append(refers[kid])
        elif kid.page == page:
            kids.append(str(kid.number))
        else:
            kids.append(f"<</Type/MCR/Pg {pages[kid.page]}/MCID {kid.number}>>")
    entries = "" if page is None else f"/Pg {pages[page]}"
    return f"{entries}/K[{' '.join(kids)}]" if kids else entries
