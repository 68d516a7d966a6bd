-- Who may ask: organisations, accounts, devices, what they were given, and who did what with them.

-- The server's own keys, made once at the first start. The role that runs the server needs this table and
-- nobody else: see "What is stored where" in docs/operations.md.
CREATE TABLE server_secret (
    name text PRIMARY KEY,
    value bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
REVOKE ALL ON server_secret FROM PUBLIC;

CREATE TABLE organisation (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('agency', 'authority')),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- `password` is an Argon2id hash; NULL until the invitation has been taken up.
CREATE TABLE account (
    id uuid PRIMARY KEY,
    organisation uuid NOT NULL REFERENCES organisation,
    login text NOT NULL UNIQUE,
    name text NOT NULL,
    role text NOT NULL,
    password text,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE INDEX account_organisation ON account (organisation);

-- `wipe_at` is the moment of the order to destroy the key, in the order's own seconds since 1970. A store that
-- was copied or restored goes on as a device of its own with the same keys: `successor_of` the one it was, in the
-- life it calls `incarnation`.
CREATE TABLE device (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account uuid NOT NULL REFERENCES account,
    label text NOT NULL,
    sign_key bytea NOT NULL,
    seal_key bytea NOT NULL,
    build text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz,
    revoked_at timestamptz,
    wipe_at bigint,
    wipe_told_at timestamptz,
    successor_of integer NOT NULL DEFAULT 0,
    incarnation bigint NOT NULL DEFAULT 0,
    UNIQUE (account, sign_key, successor_of, incarnation)
) WITH (fillfactor = 70);

-- One row a device: how far its refresh tokens have come. `first` is the generation this sign-in began with,
-- `heard` the newest one the device has shown to have received.
CREATE TABLE sign_in (
    device integer PRIMARY KEY REFERENCES device ON DELETE CASCADE,
    first integer NOT NULL,
    generation integer NOT NULL,
    heard integer NOT NULL,
    rotated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70);

CREATE TABLE invitation (
    code_hash bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES account,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by integer REFERENCES device
);

-- Numbers that must be unique although nobody asks the server when he uses one.
CREATE TABLE number_series (
    organisation uuid NOT NULL REFERENCES organisation,
    series text NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (organisation, series)
);
CREATE TABLE number_block (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation uuid NOT NULL,
    series text NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    next bigint NOT NULL, -- first unused number, known when a block has been returned
    device integer NOT NULL REFERENCES device,
    state text NOT NULL DEFAULT 'granted' CHECK (state IN ('granted', 'returned', 'void')),
    granted_at timestamptz NOT NULL,
    FOREIGN KEY (organisation, series) REFERENCES number_series,
    CHECK (first <= next AND next <= last + 1)
);
CREATE INDEX number_block_device ON number_block (device, series);
CREATE INDEX number_block_series ON number_block (organisation, series);

-- What each organisation tells about the keys it issues papers with; a key belongs to whoever showed it first.
CREATE TABLE trust_list (
    organisation uuid PRIMARY KEY REFERENCES organisation,
    body text NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX trust_list_version ON trust_list (version); -- every sync asks for the highest
CREATE SEQUENCE trust_version;
CREATE TABLE trust_key (
    key text PRIMARY KEY, -- of an issuer, or the fingerprint of one of his certificates
    organisation uuid NOT NULL REFERENCES organisation
);

-- Deeds of people about people and devices. No content of records, no addresses of machines.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    account uuid,
    device integer,
    action text NOT NULL,
    target text NOT NULL DEFAULT ''
);

-- Token buckets. Losing them in a crash only means that everybody starts with a full one.
CREATE UNLOGGED TABLE rate_limit (
    key bytea PRIMARY KEY,
    tokens double precision NOT NULL,
    at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- What invitations say about the way to this server: one row, as `serve` was told last.
CREATE TABLE door (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    url text NOT NULL,
    pin text NOT NULL
);

CREATE TABLE admin_session (
    hash bytea PRIMARY KEY,
    account uuid NOT NULL REFERENCES account,
    csrf text NOT NULL,
    expires_at timestamptz NOT NULL
);
