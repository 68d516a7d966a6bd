"""Give numbers on the wire to what the record types have gained; numbers once given never change.

Usage: python -m tools.new_numbers
"""

from __future__ import annotations

from domain.fields import RECORD_TYPES
from domain.registry import LOCK, extended, read_lock, write_lock


def main() -> None:
    """Write the register again, extended."""
    held = read_lock(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    LOCK.write_text(write_lock(extended(held, RECORD_TYPES)), encoding="utf-8")


if __name__ == "__main__":
    main()
