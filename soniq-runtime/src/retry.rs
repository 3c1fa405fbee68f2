//! How long a failed job waits for its next attempt.

use std::time::Duration;

use uuid::Uuid;

use crate::task::{Backoff, RetrySpec};

/// Where exponential growth ends that nothing else bounds.
const MAX_GROWTH: Duration = Duration::from_secs(600);

/// Delay after `attempt` (from 1) failed, before jitter.
fn backoff(retry: &RetrySpec, attempt: u32) -> Duration {
    let delay = match retry.backoff {
        Backoff::Fixed(delay) => delay,
        Backoff::Exponential(first) => {
            let doublings = attempt.saturating_sub(1).min(31);
            let most = retry.max_delay.unwrap_or(MAX_GROWTH.max(first));
            first.saturating_mul(1 << doublings).min(most)
        }
        Backoff::List(delays) => {
            let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            delays
                .get(index)
                .or(delays.last())
                .copied()
                .unwrap_or_default()
        }
    };
    retry.max_delay.map_or(delay, |most| delay.min(most))
}

/// Delay after `attempt` (from 1) failed.
pub(crate) fn delay(retry: &RetrySpec, attempt: u32) -> Duration {
    let delay = backoff(retry, attempt);
    if retry.jitter {
        delay.mul_f64(0.5 + random_fraction() / 2.0)
    } else {
        delay
    }
}

/// A random number from 0 up to 1. The random bits of a fresh UUID are as good as a generator of
/// our own, and already here.
pub(crate) fn random_fraction() -> f64 {
    let (_, low) = Uuid::new_v4().as_u64_pair();
    let bits = u32::try_from(low & u64::from(u32::MAX)).unwrap_or(0);
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(backoff: Backoff, jitter: bool) -> RetrySpec {
        RetrySpec {
            max_attempts: None,
            backoff,
            max_delay: Some(Duration::from_secs(60)),
            jitter,
        }
    }

    const DELAYS: &[Duration] = &[Duration::from_secs(1), Duration::from_secs(5)];

    #[test]
    fn delays_grow_as_the_contract_says() {
        let seconds = |backoff, attempt| delay(&spec(backoff, false), attempt).as_secs();
        let exponential = Backoff::Exponential(Duration::from_secs(2));
        assert_eq!(
            [1, 2, 3, 6, 1000].map(|n| seconds(exponential, n)),
            [2, 4, 8, 60, 60]
        );
        let fixed = Backoff::Fixed(Duration::from_secs(7));
        assert_eq!([1, 2, 9].map(|n| seconds(fixed, n)), [7, 7, 7]);
        let list = Backoff::List(DELAYS);
        assert_eq!([1, 2, 3].map(|n| seconds(list, n)), [1, 5, 5]);
        assert_eq!(seconds(Backoff::List(&[]), 1), 0);
    }

    #[test]
    fn only_growth_is_bounded_where_nothing_is_said() {
        const LONG: &[Duration] = &[Duration::from_secs(3600), Duration::from_secs(86400)];
        let seconds = |backoff, attempt| {
            let spec = RetrySpec {
                max_delay: None,
                ..spec(backoff, false)
            };
            delay(&spec, attempt).as_secs()
        };
        let list = Backoff::List(LONG);
        assert_eq!([1, 2, 3].map(|n| seconds(list, n)), [3600, 86400, 86400]);
        assert_eq!(seconds(Backoff::Fixed(LONG[0]), 7), 3600);
        let grown = |first| seconds(Backoff::Exponential(Duration::from_secs(first)), 40);
        assert_eq!([1, 600, 3600].map(grown), [600, 600, 3600]);
    }

    #[test]
    fn jitter_spreads_over_the_upper_half() {
        let spec = spec(Backoff::Fixed(Duration::from_secs(10)), true);
        let delays: Vec<_> = (0..200).map(|_| delay(&spec, 1)).collect();
        assert!(
            delays
                .iter()
                .all(|d| (5.0..10.0).contains(&d.as_secs_f64()))
        );
        assert!(delays.iter().any(|d| d.as_secs_f64() < 7.0));
        assert!(delays.iter().any(|d| d.as_secs_f64() > 8.0));
    }
}
