//! Runs the steps of a task one after the other, or one beside others, says what it does, and stops
//! at the first failure.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Why a step failed, in a line for the summary.
pub(crate) type Failure = String;

/// How a step ended.
enum Outcome {
    Passed(Duration),
    Failed(Duration, Failure),
    LeftOut(&'static str),
}

/// The steps of one task, as far as they have come.
pub(crate) struct Steps {
    ended: Vec<(&'static str, Outcome)>,
    beside: Vec<Beside>,
}

/// A command that runs while other steps do.
struct Beside {
    name: &'static str,
    shown: String,
    /// Yields how long it took and what it printed.
    running: JoinHandle<(Duration, std::io::Result<Output>)>,
}

impl Steps {
    pub(crate) fn new() -> Self {
        Self {
            ended: Vec::new(),
            beside: Vec::new(),
        }
    }

    /// Runs a command as the step `name`. Does nothing once a step has failed.
    pub(crate) fn command(&mut self, name: &'static str, command: &mut Command) -> &mut Self {
        let announced = shown(command);
        self.step(name, &announced, || run(command))
    }

    /// Runs `work` as the step `name`, announced as `what`. Does nothing once a step has failed.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        what: &str,
        work: impl FnOnce() -> Result<(), Failure>,
    ) -> &mut Self {
        if self.failed() {
            return self;
        }
        println!("== {name}: {what}");
        let start = Instant::now();
        let outcome = match work() {
            Ok(()) => Outcome::Passed(start.elapsed()),
            Err(failure) => Outcome::Failed(start.elapsed(), failure),
        };
        println!("== {name}: {}\n", told(&outcome));
        self.ended.push((name, outcome));
        self
    }

    /// Starts a command as the step `name`, which runs beside those up to [`join`](Self::join). What it
    /// prints is shown then. Does nothing once a step has failed.
    pub(crate) fn beside(&mut self, name: &'static str, command: &mut Command) -> &mut Self {
        if self.failed() {
            return self;
        }
        let shown = shown(command);
        println!("== {name}: {shown}, beside what follows\n");
        let start = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let running = std::thread::spawn(move || {
            let output = child.and_then(std::process::Child::wait_with_output);
            (start.elapsed(), output)
        });
        self.beside.push(Beside {
            name,
            shown,
            running,
        });
        self
    }

    /// Waits for the commands that run beside, even after a failure: they shall not outlive us.
    pub(crate) fn join(&mut self) -> &mut Self {
        for one in std::mem::take(&mut self.beside) {
            println!("== {}: {}", one.name, one.shown);
            let (time, output) = one.running.join().expect("waiting does not panic");
            let outcome = match output {
                Err(error) => Outcome::Failed(time, format!("could not run: {error}")),
                Ok(output) => {
                    print!("{}", String::from_utf8_lossy(&output.stdout));
                    eprint!("{}", String::from_utf8_lossy(&output.stderr));
                    if output.status.success() {
                        Outcome::Passed(time)
                    } else {
                        let failure = format!("{} ended with {}", one.shown, output.status);
                        Outcome::Failed(time, failure)
                    }
                }
            };
            println!("== {}: {}\n", one.name, told(&outcome));
            self.ended.push((one.name, outcome));
        }
        self
    }

    /// Notes in the summary that the step `name` was not run, and why.
    pub(crate) fn leave_out(&mut self, name: &'static str, why: &'static str) -> &mut Self {
        if !self.failed() {
            self.ended.push((name, Outcome::LeftOut(why)));
        }
        self
    }

    /// Prints the summary. The exit code tells whether all steps passed.
    pub(crate) fn finish(&mut self) -> ExitCode {
        self.join();
        print!("{}", self.summary());
        if self.failed() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn failed(&self) -> bool {
        self.ended
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Failed(..)))
    }

    fn summary(&self) -> String {
        let mut text = String::from("== summary\n");
        for (name, outcome) in &self.ended {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "{name:<14} {}", told(outcome));
        }
        let failed = |(_, outcome): &&(_, Outcome)| matches!(outcome, Outcome::Failed(..));
        if let Some((name, _)) = self.ended.iter().find(failed) {
            let _ = writeln!(text, "Stopped at the step {name}.");
        }
        text
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed(time) => format!("passed in {:.1} s", time.as_secs_f64()),
        Outcome::Failed(time, why) => format!("FAILED after {:.1} s: {why}", time.as_secs_f64()),
        Outcome::LeftOut(why) => format!("left out: {why}"),
    }
}

/// Runs a command with our input and output.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} ended with {status}", shown(command))),
        Err(error) => Err(format!(
            "could not run {}: {error}",
            command.get_program().to_string_lossy()
        )),
    }
}

/// The command as one would type it, with the variables that it sets. For reading, not for a shell:
/// nothing is quoted.
pub(crate) fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={}",
            name.to_string_lossy(),
            value?.to_string_lossy()
        ))
    });
    // Cargo says by its whole path which one it is.
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words = std::iter::once(program).chain(command.get_args());
    let words = words.map(|word| word.to_string_lossy().into_owned());
    variables.chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_after_a_failure() {
        let mut steps = Steps::new();
        let mut ran = false;
        steps
            .step("first", "", || Ok(()))
            .leave_out("second", "not installed")
            .step("third", "", || Err("broken".to_owned()))
            .leave_out("fourth", "not installed")
            .step("fifth", "", || {
                ran = true;
                Ok(())
            });
        assert!(!ran);

        let summary = steps.summary();
        let lines: Vec<&str> = summary.lines().collect();
        assert!(
            lines[1].starts_with("first") && lines[1].contains("passed in "),
            "{summary}"
        );
        assert!(lines[2].ends_with("left out: not installed"), "{summary}");
        assert!(
            lines[3].contains("FAILED after ") && lines[3].ends_with(": broken"),
            "{summary}"
        );
        assert_eq!(lines[4..], ["Stopped at the step third."]);
    }

    #[test]
    fn what_runs_beside_is_waited_for() {
        let folder = std::env::temp_dir().join(format!("xtask-steps-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let waits = "for _ in $(seq 600); do test -e seen && exit 0; sleep 0.05; done; exit 1";
        let mut steps = Steps::new();
        steps
            .beside(
                "waits",
                Command::new("sh").args(["-c", waits]).current_dir(&folder),
            )
            .step("shows", "", || {
                std::fs::write(folder.join("seen"), "").map_err(|error| error.to_string())
            })
            .beside("breaks", Command::new("sh").args(["-c", "exit 3"]))
            .join()
            .step("after", "", || unreachable!("a step has failed"));
        std::fs::remove_dir_all(&folder).unwrap();

        let summary = steps.summary();
        let lines: Vec<&str> = summary.lines().collect();
        assert!(lines[1].starts_with("shows") && lines[1].contains("passed"));
        assert!(lines[2].starts_with("waits") && lines[2].contains("passed"));
        assert!(lines[3].ends_with("ended with exit status: 3"), "{summary}");
        assert_eq!(lines[4..], ["Stopped at the step breaks."]);
    }

    #[test]
    fn a_failed_command_is_a_failed_step() {
        let mut steps = Steps::new();
        steps.command("exit", Command::new("sh").args(["-c", "exit 3"]));
        assert!(
            steps
                .summary()
                .contains("sh -c exit 3 ended with exit status: 3")
        );

        let mut steps = Steps::new();
        steps.command("lost", &mut Command::new("no-such-program-here"));
        assert!(
            steps
                .summary()
                .contains("could not run no-such-program-here")
        );
    }

    #[test]
    fn a_command_is_shown_with_its_variables() {
        let mut command = Command::new("/toolchain/bin/cargo");
        command
            .arg("doc")
            .env("RUSTDOCFLAGS", "-D warnings")
            .env_remove("HOME");
        assert_eq!(shown(&command), "RUSTDOCFLAGS=-D warnings cargo doc");
    }
}
