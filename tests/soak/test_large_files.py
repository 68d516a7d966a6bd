"""A large scan over a line that breaks again and again: little is sent twice, and little is in memory."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from desktop.models.blobs import Blobs
from desktop.models.work import Work, new_id
from domain.protocol import CHUNK
from tests import offices
from tests.carrying import peak_kib
from tests.sync.proxy import Fault, Proxy
from tests.sync.syncer import KEY, Workspace

pytestmark = pytest.mark.loopback

PIECES = 200
CUTS = 20
MORE_KIB = 32 * 1024
"""What a process may need for a large file beyond what it needs for a small one."""
WORDS = 64 * 1024
"""Bytes of a connection that are no content: heads, tokens, what the relay reads at a time."""


def attach(folder, pieces, seed):
    """Keep a file of so many pieces with a record, a piece at a time; return its name."""
    chosen = random.Random(seed)  # noqa: S311 - the same bytes each time
    digest = hashlib.sha256()
    for _ in range(pieces):
        digest.update(chosen.randbytes(CHUNK))
    name = digest.hexdigest()
    chosen = random.Random(seed)  # noqa: S311 - the same bytes each time
    coming = Blobs.open(folder, KEY).coming(name)
    for number in range(pieces):
        coming.add(chosen.randbytes(CHUNK), last=number == pieces - 1)
    assert coming.finish()
    desk = Workspace(folder)
    with desk.store.write() as connection:
        work = Work(connection, offices.now(), "高璟", "device", "添加附件")
        values = {"name": "扫描件.pdf", "sha256": name, "size": Decimal(pieces * CHUNK)}
        work.put("attachment", new_id(), values)
        work.finish()
    desk.sync()
    desk.close()
    return name


def carried(folder, proxy, *wanted):
    """Carry files in a process of its own; return its cuts, its peak in KiB, and the bytes up and down."""
    before = proxy.bytes_up, proxy.bytes_down
    command = [sys.executable, "-m", "tests.carrying", str(folder), proxy.address, *wanted]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    cuts, peak = map(int, said.split())
    return cuts, peak, proxy.bytes_up - before[0], proxy.bytes_down - before[1]


def own_processes(serving):
    """Return the numbers of the server's processes without those of PostgreSQL."""
    first = psutil.Process(serving._process.pid)
    return [one.pid for one in (first, *first.children(recursive=True)) if one.name() != "postgres"]


def cuts_of(direction, *, up):
    """Return where the line breaks: after a tenth of the file each, more or less."""
    chosen = random.Random(direction)  # noqa: S311 - the same cuts each time
    return [Fault("cut", chosen.randrange(CHUNK, PIECES * CHUNK // CUTS), up=up) for _ in range(CUTS)]


def test_two_hundred_megabytes_and_twenty_cuts_each_way(serving, desks):
    first, second = desks
    size = PIECES * CHUNK
    with Proxy(serving.port) as proxy:
        small = attach(first, 1, seed=1)
        _, small_up, _, _ = carried(first, proxy)
        other = Workspace(second)
        other.sync()
        other.close()
        _, small_down, _, _ = carried(second, proxy, small)
        for process in own_processes(serving):
            Path(f"/proc/{process}/clear_refs").write_text("5")  # else the peak is that of a password
        small_server = sum(map(peak_kib, own_processes(serving)))

        large = attach(first, PIECES, seed=2)
        proxy.add(*cuts_of(1, up=True))
        cuts, peak, up, _ = carried(first, proxy)
        print(f"up: {cuts} cuts, {(up - size) / CHUNK:.2f} pieces repeated, {peak - small_up} KiB more")
        assert cuts == CUTS
        assert up - size <= CUTS * (CHUNK + WORDS)
        assert peak - small_up <= MORE_KIB

        assert attach(second, PIECES, seed=2) == large
        _, _, up, _ = carried(second, proxy)
        print(f"second copy: {up} bytes up")
        assert up <= WORDS

        Blobs.open(second, KEY).set_aside(large)
        proxy.add(*cuts_of(2, up=False))
        cuts, peak, _, down = carried(second, proxy, large)
        print(f"down: {cuts} cuts, {(down - size) / CHUNK:.2f} pieces repeated, {peak - small_down} KiB more")
        assert cuts == CUTS
        assert down - size <= CUTS * (CHUNK + WORDS)
        assert peak - small_down <= MORE_KIB
        more = sum(map(peak_kib, own_processes(serving))) - small_server
        print(f"server: {more} KiB more")
        assert more <= MORE_KIB
    digest = hashlib.sha256()
    for piece in Blobs.open(second, KEY).pieces(large):
        digest.update(piece)
    assert digest.hexdigest() == large
