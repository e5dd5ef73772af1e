-- List the subjects of the webhooks that are enabled.
SELECT DISTINCT subject FROM webhook WHERE enabled;
