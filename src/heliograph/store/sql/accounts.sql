-- Statements over users, tokens and channels. Written so that SQLite and PostgreSQL run them.

-- name: ensure_user
-- A user comes into being with the first token.
INSERT INTO users (id, created) VALUES (:user, :now) ON CONFLICT (id) DO NOTHING

-- name: user_of_token
-- Whose token it is; a revoked one is nobody's.
SELECT user_id FROM tokens WHERE hash = :hash AND revoked IS NULL

-- name: insert_token
-- A token by its hash; the secret is never stored.
INSERT INTO tokens (user_id, name, hash, hint, created)
VALUES (:user, :name, :hash, :hint, :now)
ON CONFLICT (hash) DO NOTHING
RETURNING id, user_id, name, hint, created, revoked

-- name: tokens_of_user
-- A user's tokens, oldest first, revoked ones too.
SELECT id, user_id, name, hint, created, revoked FROM tokens WHERE user_id = :user ORDER BY id

-- name: revoke_token
-- Ends a token; a second time changes nothing.
UPDATE tokens SET revoked = :now WHERE id = :id AND user_id = :user AND revoked IS NULL
RETURNING id

-- name: channels_of_user
-- A user's channels, oldest first.
SELECT * FROM channels WHERE user_id = :user ORDER BY created, id

-- name: channel
-- One channel.
SELECT * FROM channels WHERE id = :id

-- name: insert_channel
-- A new channel.
INSERT INTO channels (
  id, user_id, token, max_jobs, max_image_jobs, max_video_jobs, reply_url, created
)
VALUES (
  :id, :user, :token, :max_jobs, :max_image_jobs, :max_video_jobs, :reply_url, :now
)
ON CONFLICT (id) DO NOTHING
RETURNING id

-- name: set_channel_error
-- Puts a channel in error, or opens it again with null.
UPDATE channels SET error = :error WHERE id = :id

-- name: claim_channels
-- Leases what is free, lapsed or already ours (rule 7).
UPDATE channels
SET lease_owner = :owner, lease_until = :until
WHERE lease_owner IS NULL OR lease_owner = :owner OR lease_until < :now
RETURNING *

-- name: release_channels
-- Gives leases back, so that the next owner need not wait for them to lapse.
UPDATE channels SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = :owner

-- name: release_all_channels
-- For a store with one process: who starts on it knows that the old owners are gone.
UPDATE channels SET lease_owner = NULL, lease_until = NULL
