-- Get one part of an answer.
SELECT body FROM result_part WHERE job = $1 AND run = $2 AND index = $3;
