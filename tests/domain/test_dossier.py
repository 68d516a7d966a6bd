"""A file must ask for what a deal owes, and never tell an enterprise that it lacks a university's papers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop import paths
from domain.dossier import checklist, completeness, parse_documents

DOCUMENTS = paths.dossier_checklist().documents
TYPES = ["dev", "assign", "licence", "consult", "service"]
PUBLIC_ONLY = {7, 9, 10, 11, 12, 13, 14, 22}
deals = st.tuples(
    st.sampled_from(TYPES),
    st.booleans(),
    st.sampled_from(["agreement", "listing", "auction", None]),
    st.booleans(),
)


def numbers(
    contract: str,
    *,
    required: bool = True,
    equity: bool = False,
    route: str | None = "agreement",
    public: bool = True,
) -> list[int]:
    items = checklist(DOCUMENTS, contract, equity=equity, pricing_route=route, supplier_is_public=public)
    return [item.number for item in items if item.required or not required]


def test_the_papers_stand_in_binding_order_and_cite_a_rule():
    assert [d.number for d in DOCUMENTS] == list(range(27))
    assert all(d.title and d.rule for d in DOCUMENTS)
    assert {d.number for d in DOCUMENTS if d.public_only} == PUBLIC_ONLY
    assert [d.number for d in DOCUMENTS if d.pricing] == [12]


def test_what_a_university_owes():
    assert numbers("assign") == [0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 20, 21, 22, 23, 25]
    assert numbers("licence") == [0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 20, 21, 22, 25]
    assert numbers("assign", equity=True) == [0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 20, 22, 25]
    assert numbers("dev-commission") == [0, 2, 3, 6, 8, 15, 17, 20, 21, 25]
    assert numbers("consult") == [0, 2, 3, 8, 15, 17, 20, 21]
    assert numbers("service") == [0, 1, 2, 3, 8, 15, 17, 20, 21, 25]


def test_the_notice_of_an_agreed_price_belongs_to_agreement_pricing():
    for route in ("listing", "auction", None):
        assert 12 not in numbers("assign", route=route)
        assert 11 in numbers("assign", route=route)


@given(deals)
def test_an_enterprise_is_never_asked_for_a_universitys_papers(deal):
    contract, equity, route, _ = deal
    asked = numbers(contract, required=False, equity=equity, route=route, public=False)
    assert not PUBLIC_ONLY & set(asked)
    more = numbers(contract, required=False, equity=equity, route=route, public=True)
    assert set(asked) == set(more) - PUBLIC_ONLY


@given(deals, st.sets(st.integers(0, 30)))
def test_present_and_missing_make_up_what_is_required(deal, present):
    contract, equity, route, public = deal
    items = checklist(DOCUMENTS, contract, equity=equity, pricing_route=route, supplier_is_public=public)
    found = completeness(items, present)
    assert found.present + len(found.missing) == found.required
    assert found.complete == (found.present == found.required)
    assert all(item.required and item.number not in present and item.rule for item in found.missing)
    assert found.percent is not None
    assert 0 <= found.percent <= 100


def test_nothing_required_has_no_percentage():
    assert completeness([], {1}).percent is None
    assert completeness([], {1}).complete
    items = checklist(DOCUMENTS, "consult", supplier_is_public=False)
    assert completeness(items, {0, 2, 3, 8}).percent == Decimal("50.00")


def test_unknown_words_are_refused():
    with pytest.raises(ValueError, match="not a contract type"):
        checklist(DOCUMENTS, "barter", supplier_is_public=True)
    with pytest.raises(ValueError, match="not a contract type"):
        checklist(DOCUMENTS, "equity", supplier_is_public=True)
    entry = {"number": 1, "title": "甲", "rule": "乙"}
    for needs in ("●●●", "●●●●●x"):
        with pytest.raises(ValueError, match="signs"):
            parse_documents({"documents": [{**entry, "needs": needs}]})


def test_only_state_bodies_count_as_public_suppliers():
    natures = paths.dossier_checklist().public_natures
    known = paths.code_book()["party-nature"]
    assert natures
    assert all(nature == "020" or "020" in known.ancestors(nature) for nature in natures)
