-- Statements over users, tokens and channels. Written so that SQLite and PostgreSQL run them.

-- name: ensure_user
-- A user comes into being with the first token.
INSERT INTO users (id, created) VALUES (:user, :now) ON CONFLICT (id) DO NOTHING

-- name: user_of_token
-- Whose token it is; a revoked one is nobody's.
SELECT users.* FROM tokens JOIN users ON users.id = tokens.user_id
WHERE tokens.hash = :hash AND tokens.revoked IS NULL

-- name: users
-- All users.
SELECT * FROM users ORDER BY id

-- name: set_subscription
-- Until when a user may submit; null is for ever.
UPDATE users SET subscription_until = :until WHERE id = :user RETURNING id

-- name: set_quotas
-- What a user may have of the v1 API; null is any number.
UPDATE users
SET fast_jobs = CASE WHEN :sets_fast_jobs = 1 THEN :fast_jobs ELSE fast_jobs END,
    relaxed_jobs = CASE WHEN :sets_relaxed_jobs = 1 THEN :relaxed_jobs ELSE relaxed_jobs END,
    unfinished = CASE WHEN :sets_unfinished = 1 THEN :unfinished ELSE unfinished END
WHERE id = :user
RETURNING id

-- name: usage
-- What each user had done, of what was asked for in some time.
SELECT
  users.id AS user_id,
  COUNT(CASE WHEN jobs.type IS NOT NULL AND jobs.relaxed = 0 THEN 1 END) AS fast,
  COUNT(CASE WHEN jobs.type IS NOT NULL AND jobs.relaxed = 1 THEN 1 END) AS relaxed,
  COUNT(CASE WHEN jobs.type = 'image' THEN 1 END) AS images,
  COUNT(CASE WHEN jobs.type = 'video' THEN 1 END) AS videos,
  COUNT(
    CASE WHEN jobs.type IS NOT NULL AND jobs.status IN ('failed', 'moderated') THEN 1 END
  ) AS failed,
  (
    SELECT COUNT(*) FROM tasks
    WHERE tasks.user_id = users.id AND tasks.created >= :since AND tasks.created < :before
  ) AS tasks
FROM users LEFT JOIN jobs
  ON jobs.user_id = users.id AND jobs.created >= :since AND jobs.created < :before
GROUP BY users.id
ORDER BY users.id

-- name: welcome
-- Notes that a user has been given the first channel; a second time changes nothing.
UPDATE users SET welcomed = :now WHERE id = :user AND welcomed IS NULL RETURNING id

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
SELECT * FROM channels WHERE user_id = :user AND deleted IS NULL ORDER BY created, id

-- name: all_channels
-- All channels, deleted ones too.
SELECT * FROM channels

-- name: set_channel_token
-- The token as it is sealed now.
UPDATE channels SET token = :token WHERE id = :id

-- name: channel
-- One channel, with whether it was deleted.
SELECT * FROM channels WHERE id = :id

-- name: insert_channel
-- A new channel, or a deleted one that comes back; one that is there stays as it is.
INSERT INTO channels (
  id, user_id, token, max_jobs, max_image_jobs, max_video_jobs, reply_url, created
)
VALUES (
  :id, :user, :token, :max_jobs, :max_image_jobs, :max_video_jobs, :reply_url, :now
)
ON CONFLICT (id) DO UPDATE
SET user_id = excluded.user_id,
    token = excluded.token,
    max_jobs = excluded.max_jobs,
    max_image_jobs = excluded.max_image_jobs,
    max_video_jobs = excluded.max_video_jobs,
    reply_url = excluded.reply_url,
    created = excluded.created,
    error = NULL,
    deleted = NULL
WHERE channels.deleted IS NOT NULL
RETURNING id

-- name: update_channel
-- New limits and addresses of a channel that is known.
UPDATE channels
SET token = :token,
    max_jobs = :max_jobs,
    max_image_jobs = :max_image_jobs,
    max_video_jobs = :max_video_jobs,
    reply_url = :reply_url
WHERE id = :id AND deleted IS NULL

-- name: delete_channel
-- Ends a channel; its running jobs go on.
UPDATE channels SET deleted = :now WHERE id = :id AND user_id = :user AND deleted IS NULL
RETURNING id

-- name: lock_channel
-- Puts a channel in error; nothing changes when it is in just that one.
UPDATE channels SET error = :error
WHERE id = :id AND deleted IS NULL AND (error IS NULL OR error <> :error)
RETURNING *

-- name: channel_in_error
-- A channel that can be opened.
SELECT * FROM channels WHERE id = :id AND deleted IS NULL AND error IS NOT NULL

-- name: open_channel
-- Ends a channel's error.
UPDATE channels SET error = NULL WHERE id = :id

-- name: set_mail
-- Where mails to a user go.
UPDATE users SET mail = :address WHERE id = :user RETURNING id

-- name: set_channel_speed
-- Notes whether the channel's jobs are relaxed unless they say otherwise.
UPDATE channels SET relaxed = :relaxed WHERE id = :id

-- name: claim_channels
-- Leases what is free, lapsed or already ours (rule 7); a deleted channel only for its jobs.
UPDATE channels
SET lease_owner = :owner, lease_until = :until
WHERE (lease_owner IS NULL OR lease_owner = :owner OR lease_until < :now)
  AND (
    deleted IS NULL
    OR EXISTS (
      SELECT 1 FROM jobs
      WHERE jobs.channel = channels.id AND status IN ('created', 'started', 'progress')
    )
  )
RETURNING *

-- name: release_channels
-- Gives leases back, so that the next owner need not wait for them to lapse.
UPDATE channels SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = :owner

-- name: release_all_channels
-- For a store with one process: who starts on it knows that the old owners are gone.
UPDATE channels SET lease_owner = NULL, lease_until = NULL
