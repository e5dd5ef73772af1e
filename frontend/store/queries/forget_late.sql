-- Forget all answers that were put aside.
DELETE FROM late_answer;
