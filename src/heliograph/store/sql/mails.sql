-- Statements over mails, and over the webhook addresses that fail.

-- name: address_of_user
-- Where a user wants mails.
SELECT mail FROM users WHERE id = :user

-- name: insert_mail
-- Something to tell; due at once unless an earlier mail about the same thing is still to be sent.
INSERT INTO mails (user_id, address, about, news, state, attempts, due, created)
VALUES (
  :user, :address, :about, :news, 'pending', 0,
  CASE WHEN EXISTS (
    SELECT 1 FROM mails WHERE user_id = :user AND about = :about AND state = 'pending'
  ) THEN NULL ELSE :now END,
  :now
)

-- name: due_mails
-- What is to be sent, the longest overdue first.
SELECT * FROM mails WHERE due <= :now ORDER BY due, id LIMIT :limit

-- name: next_due_mail
-- When the earliest mail is due.
SELECT MIN(due) AS due FROM mails WHERE due IS NOT NULL

-- name: mail_sent
-- The mail server has taken it.
UPDATE mails SET state = 'sent', error = NULL, due = NULL, settled = :now
WHERE id = :id AND state = 'pending'
RETURNING user_id, about

-- name: mail_again
-- It was not taken; the next try.
UPDATE mails SET attempts = attempts + 1, error = :error, due = :again
WHERE id = :id AND state = 'pending'

-- name: mail_given_up
-- It was not taken and is not tried again.
UPDATE mails
SET state = 'failed', attempts = attempts + 1, error = :error, due = NULL, settled = :now
WHERE id = :id AND state = 'pending'
RETURNING user_id, about

-- name: next_mail_about
-- The next mail about the same thing becomes due.
UPDATE mails SET due = :now
WHERE id = (
    SELECT MIN(id) FROM mails WHERE user_id = :user AND about = :about AND state = 'pending'
  )
  AND due IS NULL

-- name: mails_of_user
-- A user's mails, newest first.
SELECT * FROM mails WHERE user_id = :user ORDER BY id DESC LIMIT :limit

-- name: prune_mails
-- The oldest settled mails.
DELETE FROM mails WHERE id IN (
  SELECT id FROM mails WHERE settled < :before ORDER BY settled, id LIMIT :most
)
RETURNING id

-- name: webhook_failed
-- An address that did not take a delivery; the first such delivery begins the outage.
INSERT INTO failing (user_id, url, since, last) VALUES (:user, :url, :at, :at)
ON CONFLICT (user_id, url) DO UPDATE SET last = excluded.last
RETURNING since, mailed

-- name: webhook_mailed
-- Notes that the outage has been told.
UPDATE failing SET mailed = :now WHERE user_id = :user AND url = :url

-- name: host_mailed
-- Whether the user was told lately of an address of that host.
SELECT 1 FROM failing
WHERE user_id = :user AND mailed > :since AND SUBSTR(url, 1, LENGTH(:origin)) = :origin
LIMIT 1

-- name: webhook_heard
-- An address that took a delivery: the outage, if there was one, is over.
DELETE FROM failing WHERE user_id = :user AND url = :url

-- name: prune_failing
-- Addresses that nothing was sent to for long.
DELETE FROM failing WHERE last < :before
