"""The gate must be able to say no: a judge that approves everything would guard nothing."""

from __future__ import annotations

import io

import pikepdf
import pytest

from tests.conformance import assert_archival, page_findings, pikepdf_findings, qpdf_findings


@pytest.fixture
def plain() -> bytes:
    """Return a sound PDF that claims no conformance."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("profile", ["2a", "3b"])
def test_a_file_that_claims_nothing_is_refused(plain, profile):
    assert page_findings(plain, profile)
    assert pikepdf_findings(plain, profile)
    assert not qpdf_findings(plain)
    for signed in (False, True):
        with pytest.raises(AssertionError, match="page"):
            assert_archival(plain, profile, signed=signed)


def test_a_broken_structure_is_refused(plain):
    assert qpdf_findings(plain[:-40])
    assert qpdf_findings(plain[:40])
