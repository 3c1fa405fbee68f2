-- One job. Null comes back when a queued twin holds its key; see twin.sql.
SELECT soniq_insert($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS id
