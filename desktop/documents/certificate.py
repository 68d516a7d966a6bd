"""The certificate exists so that a trained broker leaves with a sheet that says who, what, when and by whom.

Fields follow the training bases' practice: holder, programme, level, hours, result, number, issuer, seal
space, and the statement that this is a training certificate, not a licence. What it looks like is a
:class:`~desktop.documents.template.Template`. A single certificate is spliced (splice.py); the sheets of a
class in one file are drawn through ReportLab. Both writers draw the same layout (docs/decisions/018).
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import uharfbuzz

from desktop.documents.archive import Info
from desktop.documents.certificate_data import CertificateData as CertificateData  # noqa: TC001 - for callers
from desktop.documents.certificate_layout import Fitted, Layout, lay_out
from desktop.documents.certificate_pages import certificate_page
from desktop.documents.fitting import TooMuchTextError
from desktop.documents.fonts import DRAWING, MissingGlyph, font_record, missing_characters
from desktop.documents.page import write_pdf
from desktop.documents.pictures import PictureError
from desktop.documents.preflight import labelled_texts, require_glyphs
from desktop.documents.splice import splicer
from desktop.documents.template_file import read_templates
from desktop.paths import resources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.documents.signature import Signer
    from desktop.documents.template import Template, Templates

NAME = "certificate"
LABEL = "技术经纪人培训证书"
DEFAULT = "classic"


@dataclass(frozen=True, slots=True)
class Paper:
    """A finished certificate: the PDF file, and what had to be shrunk or broken to fit."""

    content: bytes
    fitted: tuple[Fitted, ...]


class Finding(NamedTuple):
    """What is to be known before a certificate is printed; ``stops`` when it cannot be printed so."""

    label: str
    why: str
    stops: bool


@cache
def sample_templates() -> Templates:
    """Return the designs that come with the program."""
    return read_templates(resources() / "templates")


def default_template() -> Template:
    """Return the design that is used when none is chosen."""
    return sample_templates().latest[DEFAULT]


def draw_certificate(
    data: CertificateData, template: Template | None = None, signer: Signer | None = None
) -> Paper:
    """Return the certificate as a PDF/A-2a file of one page, signed when there is a ``signer``.

    A draft is never signed. Raises MissingGlyph when a character is in no font, PictureError when the photo
    cannot be read, TooMuchTextError when a text does not fit its place.
    """
    template = template or default_template()
    seal = None if data.draft else signer
    with DRAWING:
        layout = _lay_out(data, template, seal.name if seal else "")
        return Paper(splicer(template).write(layout, data.info, seal), layout.fitted)


def draw_certificates(
    certificates: Sequence[CertificateData], templates: Sequence[Template] | None = None
) -> bytes:
    """Return one PDF with a page for each of ``certificates``, each in its own of ``templates``, unsigned.

    It is for the printer. Raises as :func:`draw_certificate`.
    """
    if not certificates:
        raise ValueError("no certificate to draw")
    templates = templates or [default_template()] * len(certificates)
    first = certificates[0]
    title = f"{first.title} {first.holder}" if len(certificates) == 1 else f"{first.title}（合订）"
    info = Info(title, first.issuer, first.programme, max(data.issued for data in certificates))
    with DRAWING:
        pages = [
            certificate_page(_lay_out(data, template), f"{data.holder} {data.number}")
            for data, template in zip(certificates, templates, strict=True)
        ]
        return write_pdf(pages, info)


def preflight(data: CertificateData, template: Template | None = None, *, signer: str = "") -> list[Finding]:
    """Return what would stop the certificate, and what would be shrunk or left empty; nothing is drawn.

    ``signer`` is the name printed as the signer's.
    """
    missing = missing_characters(labelled_texts(data))
    found = [
        Finding(miss.label, f"“{miss.character}”（{miss.code_point}）没有字体可印", stops=True)
        for miss in missing
    ]
    template = template or default_template()
    if template.photo_ratio and not data.photo:
        found.append(Finding("照片", "没有照片，证书上留出粘贴处", stops=False))
    if missing:
        return found
    try:
        with DRAWING:
            layout = lay_out(data, template, signer)
    except (PictureError, TooMuchTextError, MissingGlyph) as error:
        label = "照片" if isinstance(error, PictureError) else "版面"
        return [*found, Finding(label, str(error), stops=True)]
    return [*found, *(Finding(fit.label, _describe(fit), stops=False) for fit in layout.fitted)]


def print_record(template: Template) -> str:
    """Return what is to be recorded so that a reprint is the same file: design, fonts and libraries, as JSON.

    The data printed are recorded with the certificate itself.
    """
    fonts = font_record(*dict.fromkeys(style.font for style in template.styles))
    record = {
        "template": template.key,
        "template_sha256": template.sha256,
        "fonts": [face._asdict() for face in fonts],
        "libraries": {"harfbuzz": uharfbuzz.version_string(), "zlib": zlib.ZLIB_RUNTIME_VERSION},
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _lay_out(data: CertificateData, template: Template, signer: str = "") -> Layout:
    """Return the layout; a character that no font has is told with the label of its field."""
    try:
        return lay_out(data, template, signer)
    except MissingGlyph:
        require_glyphs(data)
        raise  # it stands in the signer's name


def _describe(fit: Fitted) -> str:
    lines = f"，分 {fit.lines} 行" if fit.lines > 1 else ""
    smaller = f"字号由 {fit.from_size:g} 磅缩小到 {fit.to_size:g} 磅" if fit.to_size < fit.from_size else ""
    return f"“{fit.text[:20]}”较长，{smaller}{lines}".replace("，，", "，")
