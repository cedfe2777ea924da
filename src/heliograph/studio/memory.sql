-- name: open_account
-- Makes the account on its first use, and leaves a known one as it is.
INSERT INTO account (token, "user", channel, username, settings)
VALUES (:token, :user, :channel, :username, :settings)
ON CONFLICT (token) DO NOTHING

-- name: account
-- One account, by its token's digest.
SELECT "user", channel, username, settings FROM account WHERE token = :token

-- name: settings
-- One account's settings.
SELECT settings FROM account WHERE "user" = :user

-- name: set_settings
-- Keeps an account's settings.
UPDATE account SET settings = :settings WHERE "user" = :user

-- name: take
-- Notes an interaction; a nonce that this account has used before changes nothing.
INSERT INTO interaction ("user", nonce, id) VALUES (:user, :nonce, :id)
ON CONFLICT ("user", nonce) DO NOTHING

-- name: known
-- The interaction of a nonce.
SELECT id FROM interaction WHERE "user" = :user AND nonce = :nonce

-- name: prune_interactions
-- Forgets nonces that no client will send again.
DELETE FROM interaction WHERE id < :before

-- name: put_message
-- Stores a message, new or edited.
INSERT INTO message (id, channel, ephemeral, body) VALUES (:id, :channel, :ephemeral, :body)
ON CONFLICT (id) DO UPDATE SET body = excluded.body WHERE NOT deleted

-- name: delete_message
-- Marks a message as deleted and drops what it said.
UPDATE message SET deleted = 1, body = x'' WHERE id = :id

-- name: message
-- One message of a channel, unless it was deleted.
SELECT body FROM message WHERE id = :id AND channel = :channel AND NOT deleted

-- name: history
-- A channel's messages before an id, newest first.
SELECT body FROM message
WHERE channel = :channel AND id < :before AND NOT deleted AND NOT ephemeral
ORDER BY id DESC LIMIT :limit

-- name: later
-- A channel's messages after an id, oldest first.
SELECT body FROM message
WHERE channel = :channel AND id > :after AND NOT deleted AND NOT ephemeral
ORDER BY id LIMIT :limit

-- name: last_id
-- The newest id that was ever given out.
SELECT max(
  (SELECT coalesce(max(id), 0) FROM message),
  (SELECT coalesce(max(id), 0) FROM interaction),
  (SELECT coalesce(max(id), 0) FROM form)
)

-- name: open_form
-- Keeps a form that a press has opened.
INSERT INTO form (id, "user", token, body) VALUES (:id, :user, :token, :body)

-- name: form
-- An account's open form, by its id or, for a frame, by its token.
SELECT id, body FROM form WHERE "user" = :user AND (id = :id OR token = :token) AND id >= :since

-- name: close_form
-- Takes a form away; whoever does it may act on what was written in it.
DELETE FROM form WHERE id = :id

-- name: prune_forms
-- Forgets forms that nobody has filled in.
DELETE FROM form WHERE id < :before

-- name: challenge
-- From now on the channel's commands are answered with a challenge.
INSERT INTO challenge (channel, kind) VALUES (:channel, :kind)
ON CONFLICT (channel) DO UPDATE SET kind = excluded.kind

-- name: resolve
-- The channel's commands are taken again.
DELETE FROM challenge WHERE channel = :channel

-- name: challenges
-- All channels that are challenged.
SELECT channel, kind FROM challenge

-- name: channel
-- Whether there is such a channel.
SELECT "user" FROM account WHERE channel = :channel

-- name: enqueue
-- Puts a job into the queue.
INSERT INTO queue (uuid, "user", message, ticket, shown)
VALUES (:uuid, :user, :message, :ticket, :shown)

-- name: show
-- Notes what a queued job's message shows; changes nothing once the job has left the queue.
UPDATE queue SET shown = :shown WHERE uuid = :uuid

-- name: dequeue
-- Takes a job out of the queue; whoever does it may say how the job ended.
DELETE FROM queue WHERE uuid = :uuid

-- name: queue
-- What a restarted bot goes on with, oldest first.
SELECT ticket, shown FROM queue ORDER BY message

-- name: queued
-- The queued job of a progress message.
SELECT ticket FROM queue WHERE message = :message

-- name: queued_by
-- An account's jobs in the queue, and what they show.
SELECT ticket, shown FROM queue WHERE "user" = :user

-- name: finish
-- Keeps what the buttons under a picture need.
INSERT INTO finished (uuid, job, message) VALUES (:uuid, :job, :message)

-- name: finished
-- One finished job.
SELECT job, message FROM finished WHERE uuid = :uuid

-- name: count
-- Adds a job to an account's usage.
INSERT INTO usage ("user", month, mode, jobs, images, seconds)
VALUES (:user, :month, :mode, 1, :images, :seconds)
ON CONFLICT ("user", month, mode) DO UPDATE SET
  jobs = jobs + 1, images = images + excluded.images, seconds = seconds + excluded.seconds

-- name: usage
-- An account's usage by month and mode.
SELECT month, mode, jobs, images, seconds FROM usage WHERE "user" = :user
