-- The bot's own memory. Ids are snowflakes, so they are integers that grow with time.
-- Older files are brought to this by `schema.py`.

CREATE TABLE account (
  token    TEXT PRIMARY KEY,          -- its SHA-256: the token itself is not kept
  "user"   TEXT NOT NULL UNIQUE,
  channel  TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  settings TEXT NOT NULL              -- JSON
) STRICT;

CREATE TABLE interaction (
  "user" TEXT NOT NULL,
  nonce  TEXT NOT NULL,
  id     INTEGER NOT NULL,
  PRIMARY KEY ("user", nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  id        INTEGER PRIMARY KEY,
  channel   TEXT NOT NULL,
  ephemeral INTEGER NOT NULL DEFAULT 0,
  deleted   INTEGER NOT NULL DEFAULT 0,
  body      BLOB NOT NULL             -- JSON, as Discord would give it; empty once deleted
) STRICT;

CREATE INDEX message_history ON message (channel, id) WHERE NOT deleted AND NOT ephemeral;

CREATE TABLE queue (
  uuid    TEXT PRIMARY KEY,
  "user"  TEXT NOT NULL,
  message INTEGER NOT NULL UNIQUE,
  ticket  BLOB NOT NULL,              -- JSON
  shown   BLOB NOT NULL               -- JSON; what the progress message showed last
) STRICT;

CREATE TABLE finished (
  uuid    TEXT PRIMARY KEY,
  job     BLOB NOT NULL,              -- JSON: the ticket, the picture, the scenes
  message INTEGER NOT NULL DEFAULT 0  -- the final message; 0 where it isn't known
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
  "user"  TEXT NOT NULL,
  month   TEXT NOT NULL,              -- YYYY-MM; empty for what an older release counted
  mode    TEXT NOT NULL,
  jobs    INTEGER NOT NULL,
  images  INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY ("user", month, mode)
) STRICT, WITHOUT ROWID;

CREATE TABLE form (
  id     INTEGER PRIMARY KEY,         -- the press that opened it
  "user" TEXT NOT NULL,
  token  TEXT UNIQUE,                 -- what a frame is answered by; forms are answered by id
  body   BLOB NOT NULL                -- JSON
) STRICT;

CREATE TABLE challenge (
  channel TEXT PRIMARY KEY,
  kind    TEXT NOT NULL               -- what its commands are answered with
) STRICT, WITHOUT ROWID;
