-- Statements over the queue and the v1 API's tasks. Written so that SQLite and PostgreSQL run them.

-- name: enqueue
-- A place at the end of the queue.
INSERT INTO queue (user_id, job, task, channel, type, relaxed, enqueued)
VALUES (:user, :job, :task, :channel, :type, :relaxed, :now)

-- name: queued
-- Whether others wait for the room that a new job would take.
SELECT 1 FROM queue
WHERE user_id = :user AND type = :type
  AND (CAST(:named AS TEXT) IS NULL OR channel IS NULL OR channel = :named)
LIMIT 1

-- name: waiting_for
-- How many of a user's jobs wait, by the channel that they wait for.
SELECT channel, COUNT(*) AS waiting FROM queue WHERE user_id = :user GROUP BY channel

-- name: heads
-- The first of everything that waits for the same room in the same way. Where it finds none, those
-- behind it don't either.
SELECT * FROM queue
WHERE id IN (SELECT MIN(id) FROM queue GROUP BY user_id, channel, type, relaxed)

-- name: following
-- Who is next behind one of those.
SELECT * FROM queue
WHERE user_id = :user AND type = :type AND relaxed = :relaxed AND id > :id
  AND (channel = :channel OR (channel IS NULL AND CAST(:channel AS TEXT) IS NULL))
ORDER BY id LIMIT 1

-- name: running_by_user
-- How many slots each user has taken.
SELECT user_id, SUM(images + videos) AS running FROM channels GROUP BY user_id

-- name: leave
-- A place is given up.
DELETE FROM queue WHERE id = :id

-- name: leave_ended
-- What has ended needs no place.
DELETE FROM queue WHERE job = :job

-- name: begin
-- A waiting job has its slot; from now on it must not be silent.
UPDATE jobs SET slot = 1, updated = :now WHERE id = :job RETURNING *

-- name: stranded
-- Waiting jobs whose channel was deleted.
SELECT jobs.*
FROM queue
JOIN jobs ON jobs.id = queue.job
JOIN channels ON channels.id = queue.channel
WHERE channels.deleted IS NOT NULL
ORDER BY queue.id

-- name: insert_task
-- A new task.
INSERT INTO tasks (id, user_id, prompt, mode, hook_url, timeout, created, deadline)
VALUES (:id, :user, :prompt, :mode, :hook_url, :timeout, :created, :deadline)

-- name: quotas
-- What a user may have.
SELECT fast_jobs, relaxed_jobs, unfinished FROM users WHERE id = :user

-- name: unfinished
-- How many of a user's tasks have not ended.
SELECT COUNT(*) AS tasks FROM tasks WHERE user_id = :user AND ended IS NULL

-- name: used
-- How many of a user's tasks count for a month: all but those that failed without ever having run.
SELECT COUNT(*) AS tasks FROM tasks
WHERE user_id = :user AND mode = :mode AND created >= :month AND fail_reason IS NULL

-- name: task
-- One task.
SELECT * FROM tasks WHERE id = :id

-- name: job_of_task
-- The job that is done for a task.
SELECT * FROM jobs WHERE task = :task

-- name: overdue
-- Unfinished tasks whose time is up.
SELECT * FROM tasks WHERE ended IS NULL AND deadline <= :now ORDER BY deadline, id

-- name: end_task
-- A task has ended with its job.
UPDATE tasks SET ended = :now WHERE id = :task AND ended IS NULL

-- name: fail_task
-- A task has ended before it had a job.
UPDATE tasks SET ended = :now, fail_reason = :reason
WHERE id = :id AND ended IS NULL AND NOT EXISTS (SELECT 1 FROM jobs WHERE task = :id)
RETURNING *

-- name: leave_failed
-- A task that has ended needs no place.
DELETE FROM queue WHERE task = :task
