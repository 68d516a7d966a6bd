"""The same as tests/desktop/documents/test_random_documents.py, ten thousand times."""

from __future__ import annotations

from desktop.documents.fonts import HEI, KAI, SONG, prepare
from tests.printed_text import read_texts
from tests.random_documents import faults_of_lines, make_sample, print_sample, written_texts

DOCUMENTS = 10_000
SEEDS = range(1_000, 1_000 + DOCUMENTS)


def test_ten_thousand_documents_lose_nothing_and_break_no_rule():
    prepare(SONG, HEI, KAI)
    pages = characters = 0
    for seed in SEEDS:
        sample = make_sample(seed)
        assert faults_of_lines(sample) == [], seed
        document = print_sample(sample)
        texts = written_texts(sample)
        assert read_texts(document) == texts, seed
        pages += document.count(b"/MediaBox")
        characters += sum(map(len, texts))
    print(f"{DOCUMENTS} documents, {pages} pages, {characters} characters: nothing lost, no line overfull")
