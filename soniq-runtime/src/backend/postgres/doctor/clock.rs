//! This machine's clock beside the server's.

use chrono::{DateTime, Utc};
use tokio_postgres::GenericClient;

use super::super::connect::failed;
use super::DOING;
use crate::doctor::{Check, Finding};
use crate::error::Error;

const NOW: &str = include_str!("../sql/doctor_clock.sql");

/// A difference that people notice in logs; jobs go by the server's clock alone.
const NOTICED: f64 = 1.0;

pub(super) async fn check(client: &impl GenericClient) -> Result<Vec<Finding>, Error> {
    let before = Utc::now();
    let row = client
        .query_typed_one(NOW, &[])
        .await
        .map_err(failed(DOING))?;
    let after = Utc::now();
    let ahead = ahead(before, row.get("now"), after);
    if ahead.abs() < NOTICED {
        return Ok(Vec::new());
    }
    let way = if ahead > 0.0 { "ahead of" } else { "behind" };
    Ok(vec![Finding::advice(
        Check::Clock,
        format!(
            "the server's clock is {:.1} s {way} this machine's: a time that this machine gives \
             (`run_at`) comes that much {}",
            ahead.abs(),
            if ahead > 0.0 { "sooner" } else { "later" },
        ),
        "set both clocks by NTP: `timedatectl set-ntp true`, or `chronyc makestep`",
    )])
}

/// Seconds by which `server`, read at some time from `before` to `after`, is ahead at the least.
fn ahead(before: DateTime<Utc>, server: DateTime<Utc>, after: DateTime<Utc>) -> f64 {
    let seconds = |difference: chrono::TimeDelta| difference.as_seconds_f64();
    if server > after {
        seconds(server - after)
    } else if server < before {
        seconds(server - before)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_what_the_round_trip_cannot_explain_counts() {
        let at = |second: i64| DateTime::from_timestamp(1_000 + second, 0).unwrap();
        for (server, expected) in [(0, 0.0), (5, 0.0), (10, 0.0), (13, 3.0), (-4, -4.0)] {
            let found = ahead(at(0), at(server), at(10));
            assert!((found - expected).abs() < 1e-9, "{server}: {found}");
        }
    }
}
