"""Mistakes planted in the real store, engine and server: the histories over real parts must find every one.

A mistake is a function that makes one method or constant of the program wrong. Its docstring says what is
wrong then.
"""

from __future__ import annotations

from dataclasses import replace as replace_one
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from desktop.models.incoming import arrivals, grants, intake, restarts
from desktop.models.incoming.arrivals import Arrivals
from desktop.models.outgoing import capture, freezing, outbox, refused, settling
from desktop.models.outgoing.settling import _Settling
from desktop.sync import exchange
from domain import merge
from domain.pages import Gone, Own
from domain.protocol import BatchAnswer, Drop, Set, unrolled
from domain.registry import by_number
from server.denials import Denied
from server.records import applying, lineage, pull, push, rows
from server.records import grants as server_grants
from server.records.judging import Judge
from server.records.pull import _Feed
from server.sync import conversation

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from domain.merge import Outcome

MISTAKES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {}


def mistake(plant: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
    MISTAKES[plant.__name__] = plant
    return plant


# ── what is captured and frozen ─────────────────────────────────────────────────────────────────


@mistake
def bases_from_the_row(patch):
    """An edit of a unit in flight stands on the row's version."""
    patch.setattr(capture, "_base", lambda _known, _unit: "old.row_ver")


@mistake
def deletions_have_seen_all(patch):
    """A deletion does not tell what the screen was not showing."""
    patch.setattr(capture, "_seen", lambda _known: "NULL")


@mistake
def raw_writes_are_missed(patch):
    """Edits of remarks are not captured."""
    differs = capture._differs
    patch.setattr(capture, "_differs", lambda one: "0" if one.name == "remark" else differs(one))


@mistake
def images_are_those_after_the_edit(patch):
    """What the author saw is noted after his edit."""
    patch.setattr(capture, "_image", lambda one: f'new."{one.name}"')


@mistake
def what_was_seen_is_not_sent(patch):
    """The server is not told what authors saw."""
    patch.setattr(freezing, "WITH_WAS", frozenset())


@mistake
def one_base_for_all(patch):
    """The units of an edit are said to stand on one version."""
    made = freezing._set

    def one(known: Any, rows: Any) -> Any:
        return replace(made(known, rows), bases={})

    patch.setattr(freezing, "_set", one)


@mistake
def frozen_edits_stay(patch):
    """What was frozen stays in the outbox."""
    freeze = freezing.freeze

    def kept(connection: Any, **options: Any) -> Any:
        connection.exec_driver_sql("CREATE TEMP TABLE IF NOT EXISTS kept AS SELECT * FROM outbox WHERE 0")
        connection.exec_driver_sql("DELETE FROM kept")
        connection.exec_driver_sql("INSERT INTO kept SELECT * FROM outbox WHERE action = 3")
        flight = freeze(connection, **options)
        connection.exec_driver_sql("INSERT OR IGNORE INTO outbox SELECT * FROM kept")
        return flight

    patch.setattr(freezing, "freeze", kept)


@mistake
def copies_forget_what_waits(patch):
    """A copied store forgets what it has not sent."""
    renumber = outbox.renumber

    def forgetting(connection: Any, last: int) -> None:
        renumber(connection, last)
        connection.exec_driver_sql("DELETE FROM outbox")

    patch.setattr(outbox, "renumber", forgetting)


# ── what is made of answers ─────────────────────────────────────────────────────────────────────


@mistake
def losers_stay_on_the_screen(patch):
    """A value over which a later one stands goes on being shown."""
    patch.setattr(_Settling, "fall_back", lambda _self: None)


@mistake
def losers_take_newer_edits_along(patch):
    """A declined edit takes with it what was typed since."""
    hand_on = _Settling._hand_on

    def alone(self: Any, unit: Any, theirs: str, image: Any) -> None:
        if image is not None:
            self.images[unit.type, unit.pk].append((unit.unit, image, unit.clock))
        hand_on(self, unit, theirs, image)

    patch.setattr(_Settling, "_hand_on", alone)


@mistake
def newer_edits_do_not_learn(patch):
    """Newer edits are not told what they now stand against."""
    hand_on = _Settling._hand_on

    def silent(self: Any, unit: Any, theirs: str, image: Any) -> None:
        if not unit.newer:
            hand_on(self, unit, theirs, image)

    patch.setattr(_Settling, "_hand_on", silent)


@mistake
def images_are_compared_by_the_records_version(patch):
    """What a page told of a unit counts as newer than an edit once anything of the record is newer."""

    def seen(self: Any, unit: Any) -> bool:
        version = unrolled(self.answer.versions)[unit.place]
        name = by_number()[unit.type].record_type.name
        asked = f"SELECT row_ver FROM {name} WHERE id = ?"
        held = self.connection.exec_driver_sql(asked, (unit.pk,)).scalar()
        return unit.theirs is not None and held is not None and held >= version

    patch.setattr(_Settling, "_seen", seen)


@mistake
def declined_births_are_not_listed(patch):
    """What was refused is kept nowhere."""
    patch.setattr(_Settling, "list_declined", lambda _self, _op, _verdict: None)


@mistake
def the_cursor_always_jumps(patch):
    """The cursor jumps over a batch whatever else was written."""
    jump = settling._Settling.jump

    def blind(self: Any) -> None:
        for key in self.answer.before:
            self.connection.exec_driver_sql(
                "UPDATE sync_scope SET cursor = ?, staged = ? WHERE key = ? AND staged = cursor AND loaded",
                (self.answer.after[key], self.answer.after[key], key),
            )
        jump(self)

    patch.setattr(_Settling, "jump", blind)


# ── what is made of pages ───────────────────────────────────────────────────────────────────────


@mistake
def pages_overwrite_edits(patch):
    """A page replaces what was typed and not yet sent."""
    patch.setattr(Arrivals, "_pending", lambda _self, _known, _pk: set())


@mistake
def own_rows_get_no_version(patch):
    """The device's own change, come round, leaves the record at its old version."""
    patch.setattr(arrivals, "_SORTS", {**arrivals._SORTS, Own: lambda _self, _known, _rows: None})


@mistake
def half_a_checkpoint_is_shown(patch):
    """Every page counts as the end of its checkpoint."""
    take = intake.take

    def eager(connection: Any, page: Any) -> Any:
        return take(connection, replace(page, head=page.until))

    patch.setattr(intake, "take", eager)


@mistake
def withdrawn_scopes_stay(patch):
    """Records of a scope that was withdrawn stay."""

    def forget(connection: Any, scope: int) -> dict[str, int]:
        connection.exec_driver_sql("UPDATE sync_scope SET granted = 0 WHERE number = ?", (scope,))
        return {}

    patch.setattr(grants, "_withdraw", forget)


@mistake
def leaving_records_take_edits_along(patch):
    """Unsent edits of a record that leaves are lost."""
    patch.setattr(refused, "keep", lambda *_arguments, **_options: None)


@mistake
def leaving_records_stay(patch):
    """A record that has left the scope stays on the device."""
    patch.setattr(arrivals, "_SORTS", {**arrivals._SORTS, Gone: lambda _self, _known, _rows: None})


# ── the server ──────────────────────────────────────────────────────────────────────────────────


@mistake
def batches_take_effect_twice(patch):
    """A repeated batch is taken for a new one."""
    load = rows.load_for

    def earlier(connection: Any, device: int, before: int, scopes: Any, keys: Any) -> tuple[int, Any]:
        last, held = load(connection, device, before, scopes, keys)
        if last != before + 1:
            return last, held
        return before, load(connection, device, last, scopes, keys)[1]

    patch.setattr(push, "load_for", earlier)
    patch.setattr(push, "_KEEP", f"{push._KEEP} ON CONFLICT (device, number) DO NOTHING")


@mistake
def copies_are_trusted(patch):
    """A restored store goes on under its old number."""
    patch.setattr(conversation, "demand_original", lambda *_arguments: None)
    repeated = push._repeated

    def trusting(connection: Any, device: int, number: int, *more: Any) -> BatchAnswer:
        try:
            return repeated(connection, device, number, *more)
        except Denied:
            return BatchAnswer(number)

    patch.setattr(push, "_repeated", trusting)


@mistake
def protected_values_are_free(patch):
    """A protected value that nobody has seen is replaced by the later one."""
    patch.setattr(merge, "SURFACED", frozenset())


@mistake
def authors_have_seen_all(patch):
    """Every edit is judged as if its author had seen the newest version."""
    judge = merge.judge

    def blind(known: Any, entity: Any, op: Any, **options: Any) -> Outcome:
        if isinstance(op, Set | Drop):
            op = replace(op, base=1 << 40, bases={})
        return judge(known, entity, op, **options)

    patch.setattr(merge, "judge", blind)


@mistake
def torn_actions(patch):
    """Edits of a declined user action that would stand alone do stand."""
    decline = Judge._decline

    def torn(self: Any, *told: Any) -> None:
        kept = self._now
        decline(self, *told)
        self._rows.update(kept.made)
        self._judged.made.update(kept.made)

    patch.setattr(Judge, "_decline", torn)


@mistake
def joined_sets_are_the_authors(patch):
    """A joined set is marked with the device that caused the joining, which has not seen it."""

    def joined(merging: Any, number: int, values: Any, _mine: Any, stamp: Any) -> None:
        merge._write(merging, number, values, stamp)

    patch.setattr(merge, "_join", joined)


@mistake
def news_since_the_page(patch):
    """What changed is told from where the page begins."""
    begin = _Feed.__init__

    def late(self: Any, want: Any, caller: Any) -> None:
        begin(self, want, caller)
        self._cursor = want.since

    patch.setattr(_Feed, "__init__", late)


@mistake
def always_own(patch):
    """The device's own change is not repeated even inside a checkpoint."""
    begin = _Feed.__init__

    def sure(self: Any, want: Any, caller: Any) -> None:
        begin(self, want, caller)
        self._knows_own = caller.device

    patch.setattr(_Feed, "__init__", sure)


@mistake
def places_are_forgotten(patch):
    """A page leaves out the last of the changed places."""
    places = pull._places

    def fewer(row: Any, news: Any) -> Any:
        found = places(row, news)
        return found[:-1] if found else found

    patch.setattr(pull, "_places", fewer)


# ── sending ahead ───────────────────────────────────────────────────────────────────────────────


@mistake
def answers_are_forgotten_early(patch):
    """The server forgets an answer as soon as a later batch has come."""
    patch.setattr(push, "FLIGHTS_AT_MOST", 0)


@mistake
def half_a_checkpoint_counts_as_whole(patch):
    """Whoever sends ahead says that he holds what he has fetched, though he does not show it yet."""
    beyond = exchange._beyond

    def eager(wants: Any, answers: Any, pages: Any) -> Any:
        return beyond(wants, answers, [replace(page, head=page.until) for page in pages])

    patch.setattr(exchange, "_beyond", eager)


@mistake
def sends_ahead_leaving_one_out(patch):
    """Of the batches to be sent ahead the first is passed over."""
    flights = outbox.flights
    patch.setattr(outbox, "flights", lambda *known, beyond=0: flights(*known, beyond=beyond and beyond + 1))


# ── a server that was taken back to a backup ────────────────────────────────────────────────────


@mistake
def lost_lives_show_by_their_heads(patch):
    """Only who has heard of more than there is now is known to have heard of what is lost."""

    def higher(_connection: Any, granted: Any, wants: Any) -> set[str]:
        heads = {scope.key: scope.head for scope in granted}
        return {want.scope for want in wants if want.since > heads.get(want.scope, want.since)}

    patch.setattr(lineage, "lost", higher)


@mistake
def who_is_astray_may_send(patch):
    """Edits are judged by what they stand on although it means something else here."""
    take = push.push

    def trusting(*known: Any, **how: Any) -> Any:
        return take(*known, **{**how, "astray": False})

    patch.setattr(conversation, "push", trusting)


@mistake
def what_is_not_named_leaves(patch):
    """A record that the server has lost leaves the desks that still have it."""
    end = restarts.end

    def forgetful(connection: Any, scope: Any) -> None:
        end(connection, replace_one(scope, writes=False))

    patch.setattr(restarts, "end", forgetful)


@mistake
def what_is_sent_again_counts_as_new(patch):
    """A record that is sent again is not looked for where its author does not see it."""
    patch.setattr(server_grants, "scopes_of_organisation", lambda _connection, _caller: set())


@mistake
def versions_of_another_scope_count(patch):
    """The edits of a record that is met in another scope stand on the versions it had where it was."""
    patch.setattr(Arrivals, "_forget_versions", lambda _arrivals, _known, _held: None)


@mistake
def heads_of_batches_are_not_told(patch):
    """A desk does not hear of the marks of the heads that it made itself."""

    def silent(*told: Any, **more: Any) -> BatchAnswer:
        return BatchAnswer(*told, **{**more, "heads": {}})

    patch.setattr(applying, "BatchAnswer", silent)
