"""What cannot be printed is refused in words the user can act on."""

from __future__ import annotations

import pytest

from desktop.documents.fonts import MissingGlyph, missing_characters
from desktop.models.work import new_id
from desktop.services import dossiers, records
from desktop.services.printing import refusing_unprintable
from domain.problems import Refusal


def test_a_deal_with_a_character_no_font_has_is_refused_and_leaves_no_file(desk, tmp_path):
    key = new_id()
    records.save(
        desk, record_type="deal", record_id=key, values={"title": "巢箱\U0003134f", "contract_type": "dev"}
    )
    with pytest.raises(Refusal, match="U\\+3134F"):
        dossiers.write(desk, key, tmp_path / "案卷.pdf")
    assert not (tmp_path / "案卷.pdf").exists()


def test_the_reason_names_field_and_character():
    missing = missing_characters([("姓名", "王\U0003134f")])
    with pytest.raises(Refusal, match="姓名"), refusing_unprintable():
        raise MissingGlyph(missing)
