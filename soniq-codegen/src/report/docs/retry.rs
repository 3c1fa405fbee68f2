//! Retry policies and durations in words.

use std::fmt::Write as _;
use std::time::Duration;

use soniq_schema::contract::{Backoff, Retry};

/// The runtime's policy where a contract leaves something out; held against its own in a test.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// Where exponential growth ends.
const MAX_GROWTH: Duration = Duration::from_secs(600);

/// How many delays are spelled out.
const SHOWN: u32 = 6;

/// `5 attempts, exponential from 2s to at most 10m: retries after 2s, 4s, 8s, 16s`.
pub(super) fn in_words(retry: &Retry) -> String {
    let attempts = match retry.max_attempts {
        Some(1) => return "1 attempt, no retries".to_owned(),
        Some(attempts) => format!("{attempts} attempts"),
        None => "4 attempts unless SONIQ_MAX_RETRIES says otherwise".to_owned(),
    };
    let backoff = retry.backoff.as_ref();
    let default = Backoff::Exponential(FIRST_DELAY);
    let backoff = backoff.unwrap_or(&default);
    let unsaid = match backoff {
        Backoff::Exponential(first) => MAX_GROWTH.max(*first),
        // Delays that are written out are meant.
        Backoff::Fixed(_) | Backoff::List(_) => Duration::MAX,
    };
    let policy = Policy {
        backoff,
        max_delay: retry.max_delay.unwrap_or(unsaid),
    };
    let jitter = match retry.jitter {
        Some(false) => "no jitter",
        _ => "jitter shortens each by up to half",
    };
    let delays = policy.delays(retry.max_attempts.map(|attempts| attempts - 1));
    format!(
        "{attempts}, {}: retries after {delays}; {jitter}",
        policy.kind()
    )
}

struct Policy<'a> {
    backoff: &'a Backoff,
    max_delay: Duration,
}

impl Policy<'_> {
    fn kind(&self) -> String {
        let most = || duration(self.max_delay);
        let (kind, longest) = match self.backoff {
            Backoff::Exponential(first) => {
                let (first, most) = (duration(*first), most());
                return format!("exponential from {first} to at most {most}");
            }
            Backoff::Fixed(delay) => (format!("fixed {}", duration(*delay)), Some(delay)),
            Backoff::List(delays) => ("listed delays".to_owned(), delays.iter().max()),
        };
        if longest > Some(&self.max_delay) {
            format!("{kind}, cut to {}", most())
        } else {
            kind
        }
    }

    /// Delay after the attempt `n`, from 1, failed; what the runtime does, before jitter.
    fn delay(&self, n: u32) -> Duration {
        let delay = match self.backoff {
            Backoff::Fixed(delay) => *delay,
            Backoff::Exponential(first) => first.saturating_mul(1 << (n - 1).min(31)),
            Backoff::List(delays) => {
                let index = usize::try_from(n - 1).unwrap_or(usize::MAX);
                let delay = delays.get(index).or(delays.last());
                delay.copied().unwrap_or_default()
            }
        };
        delay.min(self.max_delay)
    }

    /// The first delays, of so many as there are; `None` is not known.
    fn delays(&self, retries: Option<u32>) -> String {
        let shown = retries.map_or(SHOWN, |retries| retries.min(SHOWN));
        let delays = (1..=shown).map(|n| duration(self.delay(n)));
        let mut text = delays.collect::<Vec<_>>().join(", ");
        if retries != Some(shown) {
            text.push_str(", …");
        }
        text
    }
}

/// As contracts write it: `1h30m`.
pub(super) fn duration(duration: Duration) -> String {
    const UNITS: [(&str, u128); 5] = [
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1_000),
        ("ms", 1),
    ];
    let mut rest = duration.as_millis();
    let mut text = String::new();
    for (unit, length) in UNITS {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{count}{unit}");
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn retry(attempts: u32, backoff: Option<Backoff>) -> Retry {
        Retry {
            max_attempts: Some(attempts),
            backoff,
            max_delay: None,
            jitter: Some(false),
        }
    }

    #[test]
    fn policies_in_words() {
        let exponential = Retry {
            max_delay: Some(seconds(600)),
            jitter: None,
            ..retry(5, Some(Backoff::Exponential(seconds(2))))
        };
        let list = Backoff::List(vec![seconds(10), seconds(60), seconds(3600)]);
        let half = "jitter shortens each by up to half";
        for (retry, words) in [
            (
                exponential,
                format!("5 attempts, exponential from 2s to at most 10m: retries after 2s, 4s, 8s, 16s; {half}"),
            ),
            (
                retry(9, Some(Backoff::Fixed(seconds(900)))),
                "9 attempts, fixed 15m: retries after 15m, 15m, 15m, 15m, 15m, 15m, …; no jitter".to_owned(),
            ),
            (
                retry(3, Some(Backoff::Exponential(seconds(3600)))),
                "3 attempts, exponential from 1h to at most 1h: retries after 1h, 1h; no jitter".to_owned(),
            ),
            (
                Retry { max_delay: Some(seconds(1800)), ..retry(6, Some(list)) },
                "6 attempts, listed delays, cut to 30m: retries after 10s, 1m, 30m, 30m, 30m; no jitter".to_owned(),
            ),
            (retry(1, None), "1 attempt, no retries".to_owned()),
            (
                Retry::default(),
                format!("4 attempts unless SONIQ_MAX_RETRIES says otherwise, exponential from 1s to at most 10m: retries after 1s, 2s, 4s, 8s, 16s, 32s, …; {half}"),
            ),
        ] {
            assert_eq!(in_words(&retry), words);
        }
    }

    #[test]
    fn defaults_are_those_of_the_runtime() {
        let default = soniq_runtime::RetrySpec::DEFAULT;
        let first = soniq_runtime::Backoff::Exponential(FIRST_DELAY);
        assert_eq!((default.backoff, default.max_delay), (first, None));
        assert!(default.jitter);
    }

    proptest! {
        #[test]
        fn durations_are_read_back(millis in 0_u64..1_000_000_000_000) {
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(soniq_schema::parse_duration(&super::duration(duration)), Ok(duration));
        }
    }
}
