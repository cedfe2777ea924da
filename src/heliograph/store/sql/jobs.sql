-- Statements over jobs and events. Written so that SQLite and PostgreSQL both run them.

-- name: insert_job
-- A new job; its slot is the row itself, counted by `loads`.
INSERT INTO jobs (id, user_id, channel, verb, type, nonce, status, created, request, seq, percent)
VALUES (:id, :user, :channel, :verb, :type, :nonce, :status, :created, :request, :seq, :percent)

-- name: loads
-- How many typed jobs each of a user's channels is running.
SELECT channel, type, COUNT(*) AS jobs
FROM jobs
WHERE status IN ('created', 'started', 'progress')
  AND type IS NOT NULL
  AND channel IN (SELECT id FROM channels WHERE user_id = :user)
GROUP BY channel, type

-- name: apply_change
-- The one guarded statement that changes a job. Columns only ever go from null to a value, or
-- from a value to another, so an absent column is passed as null and kept.
UPDATE jobs
SET status = COALESCE(:status, status),
    updated = COALESCE(:updated, updated),
    response = COALESCE(:response, response),
    error = COALESCE(:error, error),
    details = COALESCE(:details, details),
    code = COALESCE(:code, code),
    percent = COALESCE(:percent, percent),
    sent = COALESCE(:sent, sent),
    interaction = COALESCE(:interaction, interaction),
    message = COALESCE(:message, message),
    uuid = COALESCE(:uuid, uuid),
    seq = seq + :events
WHERE id = :job
  AND status IN (:guard_1, :guard_2, :guard_3)
  AND percent <= :percent_at_most
  AND (sent IS NULL OR :unsent = 0)
RETURNING *

-- name: insert_event
-- The change as its job's next event.
INSERT INTO events (job, seq, at, name, status, updated, response, error, details, code)
VALUES (:job, :seq, :at, :name, :status, :updated, :response, :error, :details, :code)

-- name: job
-- One job.
SELECT * FROM jobs WHERE id = :id

-- name: events_after
-- A job's events behind a reader's cursor.
SELECT * FROM events WHERE job = :job AND seq > :after ORDER BY seq

-- name: running_of_user
-- What `GET /jobs` lists.
SELECT *
FROM jobs
WHERE user_id = :user AND status IN ('created', 'started', 'progress')
ORDER BY created, id

-- name: running_on_channel
-- What a channel's worker has to see to the end.
SELECT *
FROM jobs
WHERE channel = :channel AND status IN ('created', 'started', 'progress')
ORDER BY created, id

-- name: running_ids_on_channel
-- The same, ids only: to notice what ended behind the worker's back.
SELECT id FROM jobs WHERE channel = :channel AND status IN ('created', 'started', 'progress')

-- name: unsent_on_channel
-- What still has to be sent upstream, oldest first.
SELECT *
FROM jobs
WHERE channel = :channel AND status IN ('created', 'started', 'progress') AND sent IS NULL
ORDER BY created, id
