-- Statements over jobs and events. Written so that SQLite and PostgreSQL both run them.

-- name: insert_job
-- A new job.
INSERT INTO jobs (id, user_id, channel, verb, type, nonce, status, created, request, seq, percent)
VALUES (:id, :user, :channel, :verb, :type, :nonce, :status, :created, :request, :seq, :percent)

-- name: take_slot
-- One more running job on a channel of the user's that is sound and has room for it: on the named
-- one, or on one at random. No row when there is none. One statement, because every row that the
-- driver steps over costs a turn of the interpreter's lock.
UPDATE channels
SET images = images + :images, videos = videos + :videos
WHERE id = (
    SELECT id
    FROM channels
    WHERE user_id = :user AND error IS NULL
      AND (CAST(:named AS TEXT) IS NULL OR id = :named)
      AND images + videos < max_jobs
      AND images + :images <= max_image_jobs
      AND videos + :videos <= max_video_jobs
    ORDER BY RANDOM()
    LIMIT 1
  )
RETURNING id

-- name: free_slot
-- A job has ended; a channel that was deleted meanwhile has no row.
UPDATE channels SET images = images - :images, videos = videos - :videos WHERE id = :channel

-- name: recount_slots
-- The counts from the rows they stand for: at the start of the only process on the store.
UPDATE channels
SET images = (
      SELECT COUNT(*) FROM jobs
      WHERE channel = channels.id AND type = 'image'
        AND status IN ('created', 'started', 'progress')
    ),
    videos = (
      SELECT COUNT(*) FROM jobs
      WHERE channel = channels.id AND type = 'video'
        AND status IN ('created', 'started', 'progress')
    )

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
