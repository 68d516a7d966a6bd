-- Attachments: content by its SHA-256, kept for one organisation each, so that nobody can learn or claim by
-- its hash what another one has. The content lies encrypted in the object store, in chunks under `place`.
CREATE TABLE blob (
    organisation uuid NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    size bigint NOT NULL,
    place uuid NOT NULL,
    created_at timestamptz NOT NULL,
    complete_at timestamptz,
    suspect boolean NOT NULL DEFAULT false, -- a chunk was found damaged or missing in the store
    PRIMARY KEY (organisation, sha256)
);
CREATE TABLE blob_chunk (
    place uuid NOT NULL,
    number integer NOT NULL,
    PRIMARY KEY (place, number)
);
