//! A schedule is changed.

use super::Row;

pub(in crate::compat) static ROW: Row = Row {
    name: "schedule-changed",
    title: "a schedule is changed",
    backward: None,
    forward: None,
    source: None,
    operational: Some("O006"),
    explanation: "Firings that are queued already still run. The next one comes by the new schedule; one \
        that both have at a different time may come twice or be left out.",
    before: "schedule.cron = '0 3 * * *'",
    after: "schedule.cron = '0 4 * * *'",
    help: "deploy between two firings",
};
