"""A foreign PDF is taken apart here so that only its pages reach an archive, and only pages that may.

PDF/A forbids much that office programs write: fonts left out, transparency without a colour space, scripts.
Each page is tried as it would be bound; what the judge of PDF/A (pikepdf.pdfa, an allowlist) does not approve
is replaced by its picture. Reading a stranger's PDF belongs into the child process of :mod:`inspection`.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
from pikepdf import pdfa, settings

from desktop.documents.image_stream import image_stream
from desktop.documents.pdf_pages import DAMAGED, UNTREATED, Treatment, lay_under, note_treatment, visible_size
from desktop.documents.pictures import encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL import Image

PAGES_AT_MOST = 2000
RENDERED_AT_MOST = 500
TRIED_AT_MOST = 40  # each trial reads the fonts again; of longer files no page is tried by itself
DOTS_PER_INCH = 200
_PIXELS_LONGEST = 4000
_FLAVOUR = "3b"
_ACTIONS_AT_MOST = 100
_STREAM_AT_MOST = 512 << 20  # bytes, when it is decoded
_NESTED_AT_MOST = 300
# Words of qpdf.
_TORN_STREAM = ("error decoding", "error while getting stream data", "output may still be valid")


class DamagedPdfError(ValueError):
    """The file cannot be read, but does no harm: encrypted, broken, empty."""


class HostilePdfError(ValueError):
    """The file was made to do harm, or cannot be told from one that was."""


def prepare(data: bytes, beat: Callable[[], None]) -> bytes:
    """Return a PDF whose pages may be bound into a PDF/A-3b as they are; ``data`` itself where they may be.

    ``beat`` is called as often as something got done. Raises :class:`DamagedPdfError` and
    :class:`HostilePdfError`.
    """
    exceeded = settings.qpdf_limit_errors()
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            try:
                return _prepared(pdf, data, beat)
            finally:  # whatever became of it, a limit that was exceeded is the reason
                _require_no_limit(pdf.get_warnings(), exceeded)
    except (DamagedPdfError, HostilePdfError):
        raise
    except pikepdf.PasswordError as error:
        raise DamagedPdfError("PDF 文件已加密，需要密码，未予装订；请提供未加密的文件。") from error
    except DAMAGED as error:
        _require_no_limit((), exceeded)
        if "Loop detected" in str(error):
            raise HostilePdfError("PDF 文件的页面结构首尾相接，没有尽头") from error
        raise DamagedPdfError("PDF 文件已损坏，无法读取，未予装订。") from error


def limit_decoding() -> None:
    """Limit for the whole process what a stream may swell to and how deep a structure may be."""
    settings.set_qpdf_limits(
        dct_max_memory=_STREAM_AT_MOST,
        flate_max_memory=_STREAM_AT_MOST,
        png_max_memory=_STREAM_AT_MOST,
        run_length_max_memory=_STREAM_AT_MOST,
        tiff_max_memory=_STREAM_AT_MOST,
        dct_max_progressive_scans=100,
        parser_max_nesting=_NESTED_AT_MOST,
        # Damage is no attack: these two would be taken for one.
        parser_max_errors=0,
        parser_max_container_size_damaged=1_000_000,
    )


def _require_no_limit(warnings: Sequence[str], exceeded: int | None = None) -> None:
    """Refuse the file if a warning tells of a limit, or one was exceeded since there were so many cases."""
    told = any("limit exceeded" in warning for warning in warnings)
    if told or (exceeded is not None and settings.qpdf_limit_errors() > exceeded):
        raise HostilePdfError("PDF 文件的内容展开后过大，或结构嵌套过深")


def _prepared(pdf: pikepdf.Pdf, data: bytes, beat: Callable[[], None]) -> bytes:
    count = len(pdf.pages)
    if not count:
        raise DamagedPdfError("PDF 文件中没有页面，未予装订。")
    if count > PAGES_AT_MOST:
        raise HostilePdfError(f"PDF 文件有 {count} 页，最多 {PAGES_AT_MOST} 页，请分成几个文件")
    kinds = set(_action_kinds(pdf))
    if "/Launch" in kinds:
        raise HostilePdfError("PDF 文件含有启动其他程序的动作")
    annotated = any("/Annots" in page for page in pdf.pages)
    if annotated:
        pdf.flatten_annotations("all")
    beat()
    with pikepdf.new() as bound:
        for page in pdf.pages:
            lay_under(bound, bound.add_blank_page(page_size=visible_size(page)), page)
            beat()
        changed = _mend(bound) or annotated
        _decode_all(bound)
        warnings = [*pdf.get_warnings(), *bound.get_warnings()]  # they are told once
        _require_no_limit(warnings)
        torn = any(words in warning for words in _TORN_STREAM for warning in warnings)
        beat()
        rendered = (
            _render(bound, _all_numbers(bound), data, beat) if torn else _replace_unfit(bound, data, beat)
        )
        mended = torn or any("file is damaged" in warning for warning in warnings)
        done = Treatment(rendered, mended, "/JavaScript" in kinds)
        return _saved(bound, done) if done != UNTREATED or changed else data


def _action_kinds(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Yield the kinds of all actions that the file or a page of it would start (ISO 32000-1, 12.6)."""
    root = pdf.Root
    holders = [root, *(page.obj for page in pdf.pages)]
    for page in pdf.pages:
        annotations = page.obj.get("/Annots", ())
        holders.extend(note for note in annotations if isinstance(note, pikepdf.Dictionary))
    for holder in holders:
        for key in ("/OpenAction", "/A"):
            yield from _chained(holder.get(key))
        events = holder.get("/AA")
        for action in events.values() if isinstance(events, pikepdf.Dictionary) else ():
            yield from _chained(action)
    if "/JavaScript" in root.get("/Names", {}):
        yield "/JavaScript"


def _chained(action: object) -> Iterator[str]:
    """Yield the kind of an action and of those that follow it."""
    waiting, seen = [action], 0
    while waiting and seen < _ACTIONS_AT_MOST:
        current = waiting.pop()
        seen += 1
        if isinstance(current, pikepdf.Dictionary):
            yield str(current.get("/S", ""))
            waiting.append(current.get("/Next"))
        elif isinstance(current, pikepdf.Array):
            waiting.extend(list(current)[:_ACTIONS_AT_MOST])


def _decode_all(pdf: pikepdf.Pdf) -> None:
    """Decode every stream, pictures included: some damage shows only then, and to some readers only."""
    with Path(os.devnull).open("wb") as nowhere:
        pdf.save(nowhere, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all)


def _replace_unfit(bound: pikepdf.Pdf, data: bytes, beat: Callable[[], None]) -> tuple[int, ...]:
    """Put pictures in the place of the pages that may not be archived; return their numbers."""
    if _approved(bound):
        return ()
    unfit = _all_numbers(bound)
    if len(unfit) <= TRIED_AT_MOST:
        unfit = [number for number in unfit if not _fit(bound, number, beat)]
    return _render(bound, unfit, data, beat)


def _all_numbers(pdf: pikepdf.Pdf) -> Sequence[int]:
    return range(1, len(pdf.pages) + 1)


def _render(
    bound: pikepdf.Pdf, unfit: Sequence[int], data: bytes, beat: Callable[[], None]
) -> tuple[int, ...]:
    """Put pictures in the place of the pages of these numbers; return the numbers."""
    if len(unfit) > RENDERED_AT_MOST:
        raise DamagedPdfError(
            f"PDF 文件有 {len(unfit)} 页不能直接归档，超过 {RENDERED_AT_MOST} 页，未予装订；请分成几个文件。"
        )
    try:
        source = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise DamagedPdfError("PDF 文件已损坏，无法显示，未予装订。") from error
    with contextlib.closing(source):
        source.init_forms()
        for number in unfit:
            _put_picture(bound, bound.pages[number - 1], _picture(source, number))
            beat()
    return tuple(unfit)


def _fit(bound: pikepdf.Pdf, number: int, beat: Callable[[], None]) -> bool:
    """Tell whether page ``number`` by itself may be archived."""
    beat()
    with pikepdf.new() as single:
        single.pages.append(bound.pages[number - 1])
        _mend(single)
        return _approved(single)


def _mend(pdf: pikepdf.Pdf) -> bool:
    """Give ``pdf`` what PDF/A asks for and no reader sees; tell whether a page was touched."""
    done = pdfa.prepare(pdf, _FLAVOUR)
    return bool(done.interpolation_removed or done.base_encodings_added)


def _approved(pdf: pikepdf.Pdf) -> bool:
    return pdfa.check(pdf, _FLAVOUR).passed


def _picture(source: pypdfium2.PdfDocument, number: int) -> Image.Image:
    page = source[number - 1]
    try:
        scale = min(DOTS_PER_INCH / 72, _PIXELS_LONGEST / max(page.get_size()))
        picture: Image.Image = page.render(scale=scale).to_pil()
        return picture.convert("RGB")
    except (pypdfium2.PdfiumError, ValueError) as error:
        raise DamagedPdfError(f"PDF 文件第 {number} 页无法显示，未予装订。") from error
    finally:
        page.close()


def _put_picture(pdf: pikepdf.Pdf, page: pikepdf.Page, picture: Image.Image) -> None:
    """Make ``picture`` all that is on the page, as large as fits."""
    image = image_stream(encoded(picture))
    stream = pikepdf.Stream(pdf, image.content)
    for key, value in pikepdf.Object.parse(b"<<%b>>" % image.dictionary).items():
        stream[key] = value
    left, bottom, right, top = (float(edge) for edge in page.mediabox)
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Bound=stream))
    scale = min((right - left) / image.width, (top - bottom) / image.height)
    wide, high = image.width * scale, image.height * scale
    x, y = (left + right - wide) / 2, (bottom + top - high) / 2
    drawing = f"q {wide:.3f} 0 0 {high:.3f} {x:.3f} {y:.3f} cm /Bound Do Q"
    page.obj.Contents = pikepdf.Stream(pdf, drawing.encode())


def _saved(pdf: pikepdf.Pdf, done: Treatment) -> bytes:
    """Return ``pdf`` without what it says of itself, the same bytes for the same pages."""
    for key in ("/Metadata", "/OutputIntents"):
        if key in pdf.Root:
            del pdf.Root[key]
    note_treatment(pdf, done)
    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()
