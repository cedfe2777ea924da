-- Statements over jobs and events. Written so that SQLite and PostgreSQL both run them.

-- name: insert_job
-- A new job.
INSERT INTO jobs (
  id, user_id, channel, verb, type, nonce, status, created, request, seq, percent, parent, once,
  inputs, slot, relaxed, task
)
VALUES (
  :id, :user, :channel, :verb, :type, :nonce, :status, :created, :request, :seq, :percent, :parent,
  :once, :inputs, :slot, :relaxed, :task
)

-- name: take_slot
-- One more running job on a channel of the user's that is sound and has room for it: on the named
-- one, or on one at random. No row when there is none. One statement, because every row that the
-- driver steps over costs a turn of the interpreter's lock.
UPDATE channels
SET images = images + :images, videos = videos + :videos
WHERE id = (
    SELECT id
    FROM channels
    WHERE user_id = :user AND error IS NULL AND deleted IS NULL
      AND (CAST(:named AS TEXT) IS NULL OR id = :named)
      AND images + videos < max_jobs
      AND images + :images <= max_image_jobs
      AND videos + :videos <= max_video_jobs
    ORDER BY RANDOM()
    LIMIT 1
  )
RETURNING id, reply_url, relaxed

-- name: free_slot
-- A job has ended; a channel that was deleted meanwhile has no row.
UPDATE channels SET images = images - :images, videos = videos - :videos WHERE id = :channel

-- name: recount_slots
-- The counts from the rows they stand for: at the start of the only process on the store.
UPDATE channels
SET images = (
      SELECT COUNT(*) FROM jobs
      WHERE channel = channels.id AND type = 'image' AND slot = 1
        AND status IN ('created', 'started', 'progress')
    ),
    videos = (
      SELECT COUNT(*) FROM jobs
      WHERE channel = channels.id AND type = 'video' AND slot = 1
        AND status IN ('created', 'started', 'progress')
    )

-- name: apply_change
-- The one guarded statement that changes a job. Columns only ever go from null to a value, or
-- from a value to another, so an absent column is passed as null and kept. In `inputs`, quotes
-- within a text are escaped, so that only the key itself is found.
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
    inputs = COALESCE(:inputs, inputs),
    seq = seq + :events
WHERE id = :job
  AND status IN (:guard_1, :guard_2, :guard_3)
  AND percent <= :percent_at_most
  AND (sent IS NULL OR :unsent = 0)
  AND (:unfilled = 0 OR COALESCE(inputs, '') NOT LIKE '%"filled":%')
  AND seq = COALESCE(:seq, seq)
RETURNING *

-- name: insert_event
-- The change as its job's next event.
INSERT INTO events (job, seq, at, name, status, updated, response, error, details, code)
VALUES (:job, :seq, :at, :name, :status, :updated, :response, :error, :details, :code)

-- name: job
-- One job.
SELECT * FROM jobs WHERE id = :id

-- name: key
-- What a caller's key stands for.
SELECT digest, job, task FROM idempotency_keys WHERE user_id = :user AND key = :key

-- name: keep_key
-- Notes what a caller's key stands for.
INSERT INTO idempotency_keys (user_id, key, digest, job, task, created)
VALUES (:user, :key, :digest, :job, :task, :now)

-- name: prune_events
-- Old events of jobs that have ended, all but the last, unless they are still to be delivered.
DELETE FROM events WHERE (job, seq) IN (
  SELECT events.job, events.seq
  FROM events JOIN jobs ON jobs.id = events.job
  WHERE events.at < :before
    AND events.status IN ('created', 'started', 'progress')
    AND jobs.updated < :before
    AND events.seq < jobs.seq
    AND jobs.status NOT IN ('created', 'started', 'progress')
    AND NOT EXISTS (
      SELECT 1 FROM targets JOIN deliveries ON deliveries.target = targets.id
      WHERE targets.job = events.job AND deliveries.seq = events.seq
        AND deliveries.state = 'pending'
    )
  LIMIT :most
)
RETURNING seq

-- name: forget_keys
-- A key stands for its job for a day.
DELETE FROM idempotency_keys WHERE created < :before

-- name: once
-- The child that stands for what a parent may have done only once.
SELECT *
FROM jobs
WHERE parent = :parent AND once = :once AND status NOT IN ('failed', 'moderated')

-- name: children
-- The jobs that were made from one, oldest first.
SELECT id, verb, request, status, created, once
FROM jobs
WHERE parent = :parent
ORDER BY created, id

-- name: silent
-- Running jobs of which nothing was heard since a moment. A row's own news is `updated`.
SELECT jobs.*, channels.relaxed AS channel_relaxed
FROM jobs LEFT JOIN channels ON channels.id = jobs.channel
WHERE status IN ('created', 'started', 'progress')
  AND (type IS NULL OR slot = 1)
  AND COALESCE(updated, jobs.created) <= :before
ORDER BY jobs.created, jobs.id

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
-- What still has to be sent upstream, oldest first; not what waits for its turn.
SELECT *
FROM jobs
WHERE channel = :channel AND status IN ('created', 'started', 'progress') AND sent IS NULL
  AND (type IS NULL OR slot = 1)
ORDER BY created, id
