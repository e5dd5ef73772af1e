-- Find out whether any job is queued or running.
SELECT EXISTS (SELECT FROM job WHERE state = 'queued') OR EXISTS (SELECT FROM job WHERE state = 'running');
