-- Statements over targets, deliveries, their attempts, and signing secrets.

-- name: insert_target
-- An address that wants a job's news.
INSERT INTO targets (job, task, user_id, kind, url, host, level, ref, created)
VALUES (:job, :task, :user, :kind, :url, :host, :level, :ref, :now)
RETURNING *

-- name: watch
-- Has a job's changes look for targets.
UPDATE jobs SET watched = 1 WHERE id = :job

-- name: targets_of_job
-- Who wants a job's news.
SELECT * FROM targets WHERE job = :job ORDER BY id

-- name: replace_progress
-- A newer progress takes the place of one that has not been heard yet.
UPDATE deliveries SET seq = :seq
WHERE target = :target AND state = 'pending' AND event = 'midjourney_progress'
RETURNING id

-- name: insert_delivery
-- An event on its way; due at once unless others of the target are before it.
INSERT INTO deliveries (
  target, user_id, host, job, task, seq, event, state, attempts, due, created
)
VALUES (
  :target, :user, :host, :job, :task, :seq, :event, 'pending', 0,
  CASE WHEN EXISTS (SELECT 1 FROM deliveries WHERE target = :target AND state = 'pending')
    THEN NULL ELSE :now END,
  :now
)

-- name: hosts
-- Each host with something due now or later, and when. One step of the index a host, however many
-- deliveries wait for it.
WITH RECURSIVE waiting (host) AS (
  SELECT (SELECT MIN(host) FROM deliveries WHERE due IS NOT NULL)
  UNION ALL
  SELECT (
    SELECT MIN(host) FROM deliveries WHERE due IS NOT NULL AND deliveries.host > waiting.host
  )
  FROM waiting WHERE waiting.host IS NOT NULL
)
SELECT
  host,
  (
    SELECT MIN(due) FROM deliveries WHERE due IS NOT NULL AND deliveries.host = waiting.host
  ) AS due
FROM waiting WHERE host IS NOT NULL

-- name: hosts_of_job
-- The hosts that a job's due deliveries go to, or those of a task that has no job.
SELECT host FROM deliveries WHERE job = :job AND due IS NOT NULL
UNION
SELECT host FROM deliveries WHERE task = :job AND task IS NOT NULL AND due IS NOT NULL

-- name: due
-- What is due at a host, the longest overdue first.
SELECT * FROM deliveries WHERE host = :host AND due <= :now ORDER BY due, id LIMIT :limit

-- name: target
-- One target.
SELECT * FROM targets WHERE id = :id

-- name: event
-- One event.
SELECT * FROM events WHERE job = :job AND seq = :seq

-- name: insert_attempt
-- One call and what came of it.
INSERT INTO attempts (delivery, number, at, ms, status, answer, error)
VALUES (
  :delivery, (SELECT COUNT(*) FROM attempts WHERE delivery = :delivery) + 1,
  :at, :ms, :status, :answer, :error
)

-- name: delivered
-- It was heard, unless a newer progress has taken its place meanwhile.
UPDATE deliveries
SET state = 'delivered', attempts = attempts + 1, due = NULL, settled = :now
WHERE id = :id AND seq = :seq AND state = 'pending'
RETURNING target

-- name: replaced
-- What was heard is out of date: the newer progress is due at once.
UPDATE deliveries SET attempts = 0, first = NULL, due = :now
WHERE id = :id AND state = 'pending'
RETURNING host

-- name: again
-- It was not heard; the next try.
UPDATE deliveries
SET attempts = attempts + 1, first = COALESCE(first, :at), due = :again
WHERE id = :id AND state = 'pending'

-- name: given_up
-- It was not heard and is not tried again, unless somebody replays it.
UPDATE deliveries
SET state = 'failed', attempts = attempts + 1, due = NULL, settled = :now
WHERE id = :id AND state = 'pending'
RETURNING target

-- name: next_of_target
-- The next delivery of a target becomes due.
UPDATE deliveries SET due = :now
WHERE id = (SELECT MIN(id) FROM deliveries WHERE target = :target AND state = 'pending')
  AND due IS NULL
RETURNING host

-- name: delivery
-- One delivery with its address.
SELECT deliveries.*, targets.url FROM deliveries JOIN targets ON targets.id = deliveries.target
WHERE deliveries.id = :id AND deliveries.user_id = :user

-- name: deliveries_of_user
-- A user's deliveries, newest first.
SELECT deliveries.*, targets.url FROM deliveries JOIN targets ON targets.id = deliveries.target
WHERE deliveries.user_id = :user
  AND (CAST(:state AS TEXT) IS NULL OR deliveries.state = :state)
ORDER BY deliveries.id DESC LIMIT :limit

-- name: attempts_of_delivery
-- The calls of one delivery, in order.
SELECT * FROM attempts WHERE delivery = :delivery ORDER BY number

-- name: replay
-- A delivery begins anew.
UPDATE deliveries
SET state = 'pending', attempts = 0, first = NULL, settled = NULL, due = :now
WHERE id = :id AND user_id = :user
RETURNING job

-- name: secrets
-- A user's valid signing secrets, newest first. Each signs every call, so there are not many.
SELECT secret FROM signing_secrets
WHERE user_id = :user AND (expires IS NULL OR expires > :now)
ORDER BY id DESC LIMIT 4

-- name: insert_secret
-- A new signing secret.
INSERT INTO signing_secrets (user_id, secret, created) VALUES (:user, :secret, :now)

-- name: expire_secrets
-- The secrets before the newest end soon.
UPDATE signing_secrets SET expires = :until
WHERE user_id = :user AND (expires IS NULL OR expires > :until)

-- name: prune_attempts
-- The attempts of the deliveries that were settled longest ago; a pending one has no such time.
DELETE FROM attempts WHERE delivery IN (
  SELECT id FROM deliveries WHERE settled < :before ORDER BY settled, id LIMIT :most
)

-- name: prune_deliveries
-- The same deliveries.
DELETE FROM deliveries WHERE id IN (
  SELECT id FROM deliveries WHERE settled < :before ORDER BY settled, id LIMIT :most
)
RETURNING id
