-- Records, in the order in which they were written within their scope.
--
-- The scope comes first in every key and no key crosses scopes, so the tables can be spread over several
-- machines by it. Nothing refers to another table by a constraint for the same reason.

-- One row a scope. The row is locked from the moment a version is taken until the commit, so versions become
-- visible in their order. It is rewritten at every push, hence the room in its pages.
CREATE TABLE scope (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,
    epoch bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    head bigint NOT NULL DEFAULT 0,
    floor bigint NOT NULL DEFAULT 0, -- lowest cursor that still meets every tombstone above it
    live bigint NOT NULL DEFAULT 0,
    digest bigint NOT NULL DEFAULT 0,
    mark integer NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

-- Every head that a scope ever had, with a number drawn for it. Who was told a head shows its mark: a database
-- that was taken back to a backup never came so far, or has drawn another one since.
CREATE TABLE scope_past (
    scope integer NOT NULL,
    head bigint NOT NULL,
    mark integer NOT NULL,
    PRIMARY KEY (scope, head)
);

-- One row a record and scope: what it is now. `marks` says who changed which unit last; it is NULL while
-- nobody has changed anything since the birth, which `device` and `clock` tell. `facts` is for what the server
-- itself has to know about a body.
CREATE TABLE entity (
    scope integer NOT NULL,
    type smallint NOT NULL,
    pk uuid NOT NULL,
    seq bigint NOT NULL,
    state smallint NOT NULL,
    device integer NOT NULL,
    clock bigint NOT NULL,
    marks bytea,
    body bytea NOT NULL,
    facts jsonb,
    PRIMARY KEY (scope, type, pk)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE UNIQUE INDEX entity_feed ON entity (scope, seq);
CREATE INDEX entity_origin ON entity (scope, (facts ->> 'origin')) WHERE facts IS NOT NULL; -- of public copies
ALTER TABLE entity ALTER COLUMN body SET STORAGE EXTERNAL; -- shipped as it is; compressed on the way

-- Every change: who, when, what stood before and what after. Births of one batch are one row, from `seq` to
-- `last`: their bodies are in `entity` or in the `before` of the first change.
CREATE TABLE history (
    scope integer NOT NULL,
    seq bigint NOT NULL,
    last bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    clock bigint NOT NULL,
    device integer NOT NULL,
    account uuid,
    action smallint NOT NULL,
    type smallint,
    pk uuid,
    units bytea,
    before bytea,
    after bytea
) PARTITION BY RANGE (at);
CREATE TABLE history_other PARTITION OF history DEFAULT;
CREATE INDEX history_feed ON history (scope, seq);
CREATE INDEX history_record ON history (scope, type, pk) WHERE pk IS NOT NULL;

-- How far each device has come with its batches, and the answers it may not have heard.
CREATE TABLE device_batch (
    device integer PRIMARY KEY,
    last bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE device_answer (
    device integer NOT NULL,
    number bigint NOT NULL,
    hash bytea NOT NULL,
    answer bytea NOT NULL,
    PRIMARY KEY (device, number)
);

-- Which records of a scope name which file: whoever may read the scope may fetch the file.
CREATE TABLE blob_ref (
    scope integer NOT NULL,
    sha256 bytea NOT NULL,
    type smallint NOT NULL,
    pk uuid NOT NULL,
    organisation uuid NOT NULL,
    PRIMARY KEY (scope, type, pk, sha256)
);
CREATE INDEX blob_ref_file ON blob_ref (sha256, scope);
