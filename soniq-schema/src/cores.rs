//! Work on all of the machine's cores. Nearly the whole of a run is reading, writing and laying out
//! text, and each file's and each task's are its own.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{available_parallelism, scope};

/// `work` of each item, in the order of `items`. Fewer than `worth_a_thread` items are done before a
/// thread has started.
pub fn on_all_cores<T, R>(
    items: &[T],
    worth_a_thread: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let cores = available_parallelism().map_or(1, NonZero::get);
    let threads = cores.min(items.len() / worth_a_thread.max(1));
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut done = scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(share)).collect();
        let shares = threads.into_iter().map(|thread| match thread.join() {
            Ok(share) => share,
            Err(panic) => resume_unwind(panic),
        });
        shares.flatten().collect::<Vec<_>>()
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::on_all_cores;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 15, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(on_all_cores(&items, 16, |item| item * 2), expected);
        }
    }
}
