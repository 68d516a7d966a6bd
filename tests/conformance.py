"""The gate every archived file passes in the tests: three judges that share no code with one another.

`pikepdf.pdfa` approves only what it knows (PDF/A at level b, but no form fields, hence no signature), `page`
knows the levels a and u and PDF/UA-1, and qpdf checks the structure of the file.
"""

from __future__ import annotations

import io
import logging
import re
import tempfile
from pathlib import Path
from typing import Literal

import page
import pikepdf
from pikepdf import pdfa

Profile = Literal["2a", "3b"]

PROFILES: dict[Profile, tuple[str, ...]] = {"2a": ("2a", "ua1"), "3b": ("3b",)}
# pikepdf's judge knows level b alone and no extension schema, which PDF/UA needs for its own mark.
BEYOND_LEVEL_B = re.compile(
    "XMP (namespace|property) pdf(aExtension|aSchema|aProperty|uaid)|conformance is 'A'"
)
# page takes every width of a CFF font with several private dictionaries from the first; pikepdf does not.
MISREAD = re.compile("width .* in its embedded CIDFontType0C program")
SHOWN_AT_MOST = 12
LOG = logging.getLogger("pikepdf._core")


def assert_archival(pdf: bytes, profile: Profile, *, signed: bool = False) -> None:
    """Fail with the findings unless `pdf` is PDF/A-2a with PDF/UA-1 (`2a`) or PDF/A-3b (`3b`).

    A `signed` file is spared the judge that takes no form fields: give it the unsigned one as well.
    """
    findings = [*page_findings(pdf, profile), *qpdf_findings(pdf)]
    if not signed:
        findings += pikepdf_findings(pdf, profile)
    assert not findings, "\n".join(findings[:SHOWN_AT_MOST])


def page_findings(pdf: bytes, profile: Profile) -> list[str]:
    """Return what page-validation has against the file, one line each."""
    return [
        f"page {name}: {failure.rule_id}: {failure.message}"
        for name in PROFILES[profile]
        for failure in page.validate_pdf_bytes(pdf, profile=name).failures
        if not MISREAD.search(failure.message)
    ]


def pikepdf_findings(pdf: bytes, profile: Profile) -> list[str]:
    """Return what pikepdf's allowlist has against the file; it judges level b, whatever level is claimed."""
    report = pdfa.validate_written(io.BytesIO(pdf), f"{profile[0]}b")
    return [f"pikepdf: {found}" for found in report.findings if not BEYOND_LEVEL_B.search(found.message)]


def qpdf_findings(pdf: bytes) -> list[str]:
    """Return what `qpdf --check` says of the file, nothing when it is sound."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "judged.pdf"
        path.write_bytes(pdf)
        job = pikepdf.Job(["qpdf", "--check", str(path)])
        LOG.propagate = False  # what it says is returned, not logged
        try:
            job.run()
        except pikepdf.PdfError as error:
            return [f"qpdf: {error}"]
        finally:
            LOG.propagate = True
    return [f"qpdf: exit code {job.exit_code}"] if job.exit_code or job.has_warnings else []
