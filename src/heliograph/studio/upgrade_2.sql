-- From version 1: months of usage, final messages of jobs, open forms, challenges.

ALTER TABLE finished ADD COLUMN message INTEGER NOT NULL DEFAULT 0;

ALTER TABLE usage RENAME TO usage_1;

CREATE TABLE usage (
  "user"  TEXT NOT NULL,
  month   TEXT NOT NULL,              -- YYYY-MM; empty for what an older release counted
  mode    TEXT NOT NULL,
  jobs    INTEGER NOT NULL,
  images  INTEGER NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY ("user", month, mode)
) STRICT, WITHOUT ROWID;

INSERT INTO usage ("user", month, mode, jobs, images, seconds)
SELECT "user", '', mode, jobs, images, seconds FROM usage_1;

DROP TABLE usage_1;

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
