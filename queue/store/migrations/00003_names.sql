-- +goose Up

-- Constraints and indexes get the names that PostgreSQL itself would give them,
-- as in every other schema. The tables come in the order in which the service
-- locks them.

ALTER TABLE queue RENAME CONSTRAINT queue_name_form TO queue_name_check;
ALTER TABLE queue RENAME CONSTRAINT queue_max_length_not_negative TO queue_max_length_check;
-- Serves every lookup by name: a name is free again once its queue is removed.
ALTER INDEX queue_name_once RENAME TO queue_name_key;

ALTER TABLE deal RENAME CONSTRAINT deal_one_row TO deal_one_check;
ALTER TABLE deal RENAME CONSTRAINT deal_next_not_negative TO deal_next_check;

ALTER TABLE message RENAME CONSTRAINT message_seq_once TO message_seq_key;
ALTER TABLE message RENAME CONSTRAINT message_key_once TO message_key_key;
ALTER TABLE message RENAME CONSTRAINT message_queue_exists TO message_queue_id_fkey;
ALTER TABLE message RENAME CONSTRAINT message_priority_range TO message_priority_check;
ALTER TABLE message RENAME CONSTRAINT message_revision_positive TO message_revision_check;
ALTER TABLE message RENAME CONSTRAINT message_attempts_not_negative TO message_attempts_check;
ALTER TABLE message RENAME CONSTRAINT message_token_not_negative TO message_token_check;
ALTER TABLE message RENAME CONSTRAINT message_progress_share TO message_progress_check;
ALTER TABLE message RENAME CONSTRAINT message_lost_among_attempts TO message_lost_check;
ALTER TABLE message RENAME CONSTRAINT message_settled_was_given TO message_settled_check;
ALTER TABLE message RENAME CONSTRAINT message_leased_has_worker TO message_worker_check;
ALTER TABLE message RENAME CONSTRAINT message_leased_has_live_token TO message_leased_until_check;
ALTER TABLE message RENAME CONSTRAINT message_cancel_waits_for_a_worker TO message_cancel_requested_check;
-- Serves claim_messages and find_due: the front of one queue.
ALTER INDEX message_front RENAME TO message_front_idx;
-- Serves lock_expired, and claim_messages for what a worker holds.
ALTER INDEX message_leased RENAME TO message_leased_until_idx;
-- Serves find_due: the next message whose back-off ends.
ALTER INDEX message_back_off RENAME TO message_not_before_idx;

ALTER TABLE ended RENAME CONSTRAINT ended_outcome_known TO ended_outcome_check;
ALTER TABLE ended RENAME CONSTRAINT ended_parts_not_negative TO ended_parts_check;
ALTER TABLE ended RENAME CONSTRAINT ended_with_result_or_error TO ended_error_check;
ALTER TABLE ended RENAME CONSTRAINT ended_result_only_of_completed TO ended_result_check;
ALTER TABLE ended RENAME CONSTRAINT ended_payload_only_to_bring_back TO ended_payload_check;
-- Serves find_keys and list_messages; a message is ended once, until it is
-- brought back.
ALTER INDEX ended_key_once RENAME TO ended_key_key;
-- Serves find_ended and list_messages.
ALTER INDEX ended_id_once RENAME TO ended_id_key;
-- Serves list_dead_letters: the dead letters, oldest first.
ALTER INDEX ended_dead RENAME TO ended_dead_idx;
-- Serves forget_ended: what is past its retention.
ALTER INDEX ended_by_age RENAME TO ended_ended_at_idx;

ALTER TABLE part RENAME CONSTRAINT part_index_not_negative TO part_index_check;

ALTER TABLE feed RENAME CONSTRAINT feed_one_row TO feed_one_check;
ALTER TABLE feed RENAME CONSTRAINT feed_last_not_negative TO feed_last_check;

-- +goose Down
ALTER TABLE queue RENAME CONSTRAINT queue_name_check TO queue_name_form;
ALTER TABLE queue RENAME CONSTRAINT queue_max_length_check TO queue_max_length_not_negative;
ALTER INDEX queue_name_key RENAME TO queue_name_once;
ALTER TABLE deal RENAME CONSTRAINT deal_one_check TO deal_one_row;
ALTER TABLE deal RENAME CONSTRAINT deal_next_check TO deal_next_not_negative;
ALTER TABLE message RENAME CONSTRAINT message_seq_key TO message_seq_once;
ALTER TABLE message RENAME CONSTRAINT message_key_key TO message_key_once;
ALTER TABLE message RENAME CONSTRAINT message_queue_id_fkey TO message_queue_exists;
ALTER TABLE message RENAME CONSTRAINT message_priority_check TO message_priority_range;
ALTER TABLE message RENAME CONSTRAINT message_revision_check TO message_revision_positive;
ALTER TABLE message RENAME CONSTRAINT message_attempts_check TO message_attempts_not_negative;
ALTER TABLE message RENAME CONSTRAINT message_token_check TO message_token_not_negative;
ALTER TABLE message RENAME CONSTRAINT message_progress_check TO message_progress_share;
ALTER TABLE message RENAME CONSTRAINT message_lost_check TO message_lost_among_attempts;
ALTER TABLE message RENAME CONSTRAINT message_settled_check TO message_settled_was_given;
ALTER TABLE message RENAME CONSTRAINT message_worker_check TO message_leased_has_worker;
ALTER TABLE message RENAME CONSTRAINT message_leased_until_check TO message_leased_has_live_token;
ALTER TABLE message RENAME CONSTRAINT message_cancel_requested_check TO message_cancel_waits_for_a_worker;
ALTER INDEX message_front_idx RENAME TO message_front;
ALTER INDEX message_leased_until_idx RENAME TO message_leased;
ALTER INDEX message_not_before_idx RENAME TO message_back_off;
ALTER TABLE ended RENAME CONSTRAINT ended_outcome_check TO ended_outcome_known;
ALTER TABLE ended RENAME CONSTRAINT ended_parts_check TO ended_parts_not_negative;
ALTER TABLE ended RENAME CONSTRAINT ended_error_check TO ended_with_result_or_error;
ALTER TABLE ended RENAME CONSTRAINT ended_result_check TO ended_result_only_of_completed;
ALTER TABLE ended RENAME CONSTRAINT ended_payload_check TO ended_payload_only_to_bring_back;
ALTER INDEX ended_key_key RENAME TO ended_key_once;
ALTER INDEX ended_id_key RENAME TO ended_id_once;
ALTER INDEX ended_dead_idx RENAME TO ended_dead;
ALTER INDEX ended_ended_at_idx RENAME TO ended_by_age;
ALTER TABLE part RENAME CONSTRAINT part_index_check TO part_index_not_negative;
ALTER TABLE feed RENAME CONSTRAINT feed_one_check TO feed_one_row;
ALTER TABLE feed RENAME CONSTRAINT feed_last_check TO feed_last_not_negative;
