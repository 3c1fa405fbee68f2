//! What the tables say afterwards, and what they must say.

use std::fmt;

use tokio_postgres::Client;

/// Tables beside ours, and a journal of what happens to jobs, kept by the database itself.
pub(crate) const LEDGERS: &str = "
    CREATE TABLE orders (job_id uuid NOT NULL);
    CREATE TABLE rolled_back (job_id uuid NOT NULL);
    CREATE TABLE effects (job_id uuid NOT NULL, attempt bigint NOT NULL);
    CREATE TABLE journal (
        job_id uuid NOT NULL, event text NOT NULL, claim_id bigint,
        at timestamptz NOT NULL DEFAULT clock_timestamp(), claimed_at timestamptz
    );
    CREATE FUNCTION keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        event text;
    BEGIN
        IF OLD.status = 'queued' AND NEW.status = 'processing' THEN
            event := 'claim';
        ELSIF NEW.status = 'done' AND OLD.status <> 'done' THEN
            event := 'complete';
        ELSIF OLD.status = 'processing' AND NEW.status = 'queued' THEN
            event := CASE
                WHEN NEW.attempts < OLD.attempts THEN 'release'
                WHEN NEW.last_error IS DISTINCT FROM OLD.last_error THEN 'retry'
                ELSE 'rescue' END;
        ELSE
            RETURN NULL;
        END IF;
        INSERT INTO journal (job_id, event, claim_id, claimed_at)
        VALUES (NEW.id, event, coalesce(NEW.claim_id, OLD.claim_id), OLD.updated_at);
        RETURN NULL;
    END $$;
    CREATE TRIGGER journal AFTER UPDATE ON soniq_jobs FOR EACH ROW EXECUTE FUNCTION keep_journal();
    CREATE VIEW places AS
        SELECT id, status FROM soniq_jobs
        UNION ALL SELECT id, 'dead' FROM soniq_dead_letter_jobs;";

/// Each must find nothing.
const PROBLEMS: [(&str, &str); 9] = [
    (
        "committed jobs that are nowhere",
        "SELECT count(*) FROM orders WHERE job_id NOT IN (SELECT id FROM places)",
    ),
    (
        "jobs in two places",
        "SELECT count(*) FROM (SELECT id FROM places GROUP BY id HAVING count(*) > 1) AS twice",
    ),
    (
        "jobs that have not ended",
        "SELECT count(*) FROM places WHERE status NOT IN ('done', 'cancelled', 'dead')",
    ),
    (
        "jobs that nobody committed",
        "SELECT count(*) FROM (
          SELECT id FROM soniq_jobs WHERE job_name = 'chaos.work.v1'
          UNION ALL SELECT id FROM soniq_dead_letter_jobs WHERE job_name = 'chaos.work.v1'
      ) AS work WHERE id NOT IN (SELECT job_id FROM orders)",
    ),
    (
        "jobs that were rolled back and are there",
        "SELECT count(*) FROM rolled_back JOIN places ON id = job_id",
    ),
    (
        "done jobs without an effect",
        "SELECT count(*) FROM places WHERE status = 'done' AND id NOT IN (SELECT job_id FROM effects)",
    ),
    (
        "jobs that were completed twice, or done without it",
        "SELECT count(*) FROM places WHERE status = 'done' AND 1 <> (
          SELECT count(*) FROM journal WHERE job_id = id AND event = 'complete')",
    ),
    (
        "completions by claims that were never made, or that had ended",
        "SELECT count(*) FROM journal AS done WHERE event = 'complete' AND (
          NOT EXISTS (SELECT 1 FROM journal WHERE event = 'claim'
              AND job_id = done.job_id AND claim_id = done.claim_id)
          OR EXISTS (SELECT 1 FROM journal WHERE event <> 'claim' AND event <> 'complete'
              AND job_id = done.job_id AND claim_id = done.claim_id))",
    ),
    (
        "ticks that the schedule did not count, or the other way round",
        "SELECT abs((SELECT run_count FROM soniq_recurring_jobs WHERE job_name = 'chaos.tick.v1')
          - (SELECT count(*) FROM (
                SELECT 1 FROM soniq_jobs WHERE job_name = 'chaos.tick.v1'
                UNION ALL SELECT 1 FROM soniq_dead_letter_jobs WHERE job_name = 'chaos.tick.v1'
             ) AS ticks))::bigint",
    ),
];

const FIGURES: [(&str, &str); 13] = [
    ("jobs", "SELECT count(*)::float8 FROM places"),
    (
        "done",
        "SELECT count(*)::float8 FROM places WHERE status = 'done'",
    ),
    (
        "dead letters",
        "SELECT count(*)::float8 FROM places WHERE status = 'dead'",
    ),
    (
        "cancelled",
        "SELECT count(*)::float8 FROM places WHERE status = 'cancelled'",
    ),
    ("rolled back", "SELECT count(*)::float8 FROM rolled_back"),
    (
        "ticks of the schedule",
        "SELECT run_count::float8 FROM soniq_recurring_jobs",
    ),
    (
        "claims",
        "SELECT count(*)::float8 FROM journal WHERE event = 'claim'",
    ),
    (
        "completions",
        "SELECT count(*)::float8 FROM journal WHERE event = 'complete'",
    ),
    (
        "rescues",
        "SELECT count(*)::float8 FROM journal WHERE event = 'rescue'",
    ),
    (
        "releases",
        "SELECT count(*)::float8 FROM journal WHERE event = 'release'",
    ),
    (
        "effects of done jobs beyond the first",
        "SELECT (count(*) - count(DISTINCT job_id))::float8 FROM effects
      JOIN places ON id = job_id AND status = 'done'",
    ),
    (
        "seconds from a claim to its rescue, at most",
        "SELECT coalesce(max(extract(epoch FROM at - claimed_at)), 0)::float8 FROM journal WHERE event = 'rescue'",
    ),
    (
        "seconds without a completion, at most",
        "SELECT coalesce(max(gap), 0)::float8 FROM (
          SELECT extract(epoch FROM at - lag(at) OVER (ORDER BY at)) AS gap
          FROM journal WHERE event = 'complete') AS gaps",
    ),
];

/// The figures of a run.
pub(crate) struct Books {
    figures: Vec<(&'static str, f64)>,
    /// What is wrong, and how many.
    pub(crate) problems: Vec<(&'static str, i64)>,
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, figure) in &self.figures {
            writeln!(
                f,
                "{figure:>10} {name}",
                figure = (figure * 10.0).round() / 10.0
            )?;
        }
        for (name, count) in &self.problems {
            writeln!(f, "PROBLEM: {count} {name}")?;
        }
        Ok(())
    }
}

pub(crate) async fn check(client: &Client) -> Books {
    // Without it the checks take longer than the run.
    let prepare = "CREATE INDEX ON journal (job_id); CREATE INDEX ON effects (job_id); ANALYZE";
    client.batch_execute(prepare).await.unwrap();
    let mut books = Books {
        figures: Vec::new(),
        problems: Vec::new(),
    };
    for (name, sql) in FIGURES {
        let figure = client.query_one(sql, &[]).await.unwrap().get(0);
        books.figures.push((name, figure));
    }
    for (name, sql) in PROBLEMS {
        let count = client.query_one(sql, &[]).await.unwrap().get(0);
        if count != 0 {
            books.problems.push((name, count));
        }
    }
    // A run in which nothing happens proves nothing.
    if books.figures[1].1 == 0.0 {
        books.problems.push(("jobs were done", 0));
    }
    books
}
