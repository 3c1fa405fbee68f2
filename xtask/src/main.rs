//! Tasks of this repository: `cargo xtask test` is what CI runs, and what to run before a commit.

mod bench;
mod chaos;
mod contracts;
mod crate_count;
mod deny;
// The very file of the test kit, so that this program and the tests agree on what is a server. Not
// by a dependency on soniq-runtime: this program must also run, and say why, when that does not compile.
#[path = "../../soniq-runtime/src/testing/installation.rs"]
mod installation;
mod postgres;
mod steps;
mod test;
mod upgrade;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask test [--no-install]
       cargo xtask chaos [--minutes N] [--seed S]
       cargo xtask upgrade [--from REF]
       cargo xtask deny
       cargo xtask bench [--quick | --long] [--growth] [--peers]
                         [--only] [--rounds N]

test    format check, clippy, build, the company's contracts, all tests and doc
        tests, documentation.
        Installs a PostgreSQL server with the system's package manager when there
        is none, and says so first.

chaos   producers, workers and schedulers on a throwaway server, with faults at
        random; then their books are checked. The suite runs two minutes of it.

upgrade the programs of an earlier release and those of this one on one throwaway
        server, as in a rolling deploy; needs git.

deny    licences, sources, bans and advisories of all dependencies, by cargo-deny,
        which is left out where it is not installed. Advisories need the network.

bench   this project against the bare database, on a throwaway server; a full run
        writes its figures and plots to bench/results

--no-install    fail instead of installing
--minutes N     how long faults are inflicted; 2
--seed S        of the faults' order, as an earlier run printed it
--from REF      the earlier release; the newest tag v*
--quick         a tenth of the jobs, to see that it runs; nothing is written
--growth        also drains as tables grow, and a steady rate over time
--long          as --growth, with half an hour at a steady rate
--peers         also other queues, which are built first
--only          without what every run has: only growth or peers
--rounds N      how often what has an aim is measured; 3
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["test"] => test::run(postgres::WhenMissing::Install),
        ["test", "--no-install"] => test::run(postgres::WhenMissing::Refuse),
        ["chaos", options @ ..] => chaos::run(options),
        ["upgrade"] => upgrade::run(None),
        ["upgrade", "--from", from] => upgrade::run(Some(from)),
        ["deny"] => deny::run(),
        ["bench", options @ ..] => bench::run(options),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
