//! How long a service of 100 tasks is built again after a change in one handler, beside the same
//! service with its types written by hand.
//!
//! `cargo run --release -p soniq-bench --bin rebuild [ROUNDS [TASKS]]`

use std::process::ExitCode;

use soniq_bench::Failure;
use soniq_bench::rebuild::{ROUNDS, TASKS, compare};
use soniq_bench::report::medians;

const USAGE: &str = "\
usage: rebuild [ROUNDS [TASKS]]
ROUNDS  how often each service is changed and built; 9 if not given
TASKS   how many tasks each has; 100 if not given
";

fn main() -> ExitCode {
    let numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let numbers = numbers.collect::<Result<Vec<_>, _>>().unwrap_or(vec![0]);
    let (rounds, tasks) = match numbers[..] {
        [] => (ROUNDS, TASKS),
        [rounds] => (rounds, TASKS),
        [rounds, tasks] => (rounds, tasks),
        _ => (0, 0),
    };
    if rounds == 0 || tasks == 0 {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    }
    match measure(rounds, tasks) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", soniq_bench::told(&failure));
            ExitCode::FAILURE
        }
    }
}

fn measure(rounds: usize, tasks: usize) -> Result<(), Failure> {
    let figures = medians(compare(rounds, tasks)?);
    println!("| service of {tasks} tasks | median | least | ratio |");
    println!("|---|--:|--:|--:|");
    for figure in &figures {
        let other = figure.against.as_ref();
        let other = other.and_then(|name| figures.iter().find(|figure| figure.what == *name));
        let ratio = other.map(|other| format!("{:.2}", figure.value / other.value));
        println!(
            "| {} | {:.2} s | {:.2} s | {} |",
            figure.what,
            figure.value,
            figure.rounds[0],
            ratio.unwrap_or_default(),
        );
    }
    Ok(())
}
