-- +goose Up

-- The planner may take any partial index whose condition a statement implies, read all of it,
-- and keep to that plan while the table grows. So these have conditions that only the
-- statements imply which they are for.

-- Serves claim_messages: what waits again or was changed, apart from what nobody has leased yet.
CREATE INDEX message_back_idx ON message (queue_id, owner, priority DESC, seq) WHERE worker IS NULL AND token > 0;

-- Serves claim_messages: what a request leased, and what may be killing its worker.
CREATE INDEX message_request_idx ON message (request) WHERE worker IS NOT NULL AND request <> '';
CREATE INDEX message_worker_idx ON message (worker) WHERE worker IS NOT NULL AND lost > 0;

-- Serves what goes by the order of uploads. Like the others, it has no entry for what is leased,
-- and a claim writes none.
CREATE INDEX message_seq_idx ON message (seq) WHERE worker IS NULL;
ALTER TABLE message DROP CONSTRAINT message_seq_key;

-- Serves find_ended, find_positions and list_messages. Keys stay unique, and so do ids with them.
CREATE INDEX ended_id_idx ON ended (id);
DROP INDEX ended_id_key;

-- The feed is in the order of time, too, so that forget_ended goes by position.
DROP INDEX ended_ended_at_idx;

-- It took a quarter of the time of an upload, and a third of that of a dealing. The locks on the
-- queues keep messages out of queues that are not there.
ALTER TABLE message DROP CONSTRAINT message_queue_id_fkey;

-- Room in its page is of no use to a row whose every update changes an index.
ALTER TABLE message SET (fillfactor = 100);

-- +goose Down
ALTER TABLE message SET (fillfactor = 70);
CREATE INDEX ended_ended_at_idx ON ended (ended_at);
ALTER TABLE message ADD CONSTRAINT message_queue_id_fkey FOREIGN KEY (queue_id) REFERENCES queue (id);
CREATE UNIQUE INDEX ended_id_key ON ended (id) WHERE NOT redriven;
DROP INDEX ended_id_idx;
ALTER TABLE message ADD CONSTRAINT message_seq_key UNIQUE (seq);
DROP INDEX message_seq_idx;
DROP INDEX message_worker_idx;
DROP INDEX message_request_idx;
DROP INDEX message_back_idx;
