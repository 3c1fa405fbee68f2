//! The face towards cargo: what a build script prints, writes and ends with.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use soniq_schema::contract::Contracts;
use soniq_schema::diagnostic::{Diagnostic, Severity, Style};

use crate::output::write;
use crate::render::{GeneratedFile, Options, Side, render};
use crate::rust::HEADER;

/// Generates Rust for all contracts of a folder, from a build script.
///
/// Short for `Builder::new(contracts).compile()`; see [`Builder::compile`].
///
/// ```no_run
/// soniq_codegen::generate("../contracts");
/// ```
pub fn generate(contracts: impl AsRef<Path>) {
    Builder::new(contracts).compile();
}

/// Generates Rust from a build script, with options.
///
/// ```no_run
/// soniq_codegen::Builder::new("../contracts")
///     .namespaces(["billing"])
///     .producer_only()
///     .compile();
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is generated until `compile` is called"]
pub struct Builder {
    contracts: PathBuf,
    out_dir: Option<PathBuf>,
    options: Options,
}

impl Builder {
    /// `contracts` is the folder of the `*.toml` files, relative to the package of the build script.
    pub fn new(contracts: impl AsRef<Path>) -> Self {
        Builder {
            contracts: contracts.as_ref().to_owned(),
            out_dir: None,
            options: Options::default(),
        }
    }

    /// Only the tasks of these namespaces, and the types that they refer to.
    pub fn namespaces<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.options.namespaces = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// No handlers: for a service that only enqueues.
    pub fn producer_only(mut self) -> Self {
        self.options.side = Side::Producer;
        self
    }

    /// Nothing that enqueues: for a service that only runs jobs.
    pub fn consumer_only(mut self) -> Self {
        self.options.side = Side::Consumer;
        self
    }

    /// With strategies of proptest: `Args`, the arguments of retired versions and `Output` implement
    /// `Arbitrary`, and every value that is drawn is one that the contract accepts. They need
    /// soniq-runtime's feature `proptest`, so ask for them where tests are built:
    ///
    /// ```no_run
    /// // A feature `arbitrary = ["soniq-runtime/proptest"]` of the package, set for tests.
    /// soniq_codegen::Builder::new("../contracts")
    ///     .arbitrary(std::env::var_os("CARGO_FEATURE_ARBITRARY").is_some())
    ///     .compile();
    /// ```
    pub fn arbitrary(mut self, arbitrary: bool) -> Self {
        self.options.arbitrary = arbitrary;
        self
    }

    /// Where the files go, instead of `$OUT_DIR/soniq`, where `include_contracts!` looks.
    pub fn out_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.out_dir = Some(folder.as_ref().to_owned());
        self
    }

    /// Generates the files and tells cargo what they depend on.
    ///
    /// Never panics. If anything is wrong with the contracts, every problem is printed, once for
    /// cargo on a line of its own and once in full on standard error; what would be included says
    /// the same by `compile_error!`, for editors; and the process ends with status 1.
    pub fn compile(&self) {
        let mut directives = String::new();
        let done = self.run(&mut directives);
        print!("{directives}");
        if !done {
            std::process::exit(1);
        }
    }

    /// Everything but the end of the process: whether all went well, and what cargo is told.
    fn run(&self, directives: &mut String) -> bool {
        let loaded = soniq_schema::load(&self.contracts);
        self.dependencies(&loaded.contracts, directives);
        let mut diagnostics = loaded.diagnostics;
        let mut files = Vec::new();
        if !has_error(&diagnostics) {
            match render(&loaded.contracts, &self.options) {
                Ok(rendered) => files = rendered,
                Err(more) => diagnostics.extend(more),
            }
        }
        let sources = &loaded.contracts.sources;
        for diagnostic in &diagnostics {
            let kind = match diagnostic.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            directive(directives, kind, &diagnostic.plain_line(sources));
        }
        let failed = has_error(&diagnostics);
        if failed {
            let text = soniq_schema::diagnostic::render(&diagnostics, sources, Style::Plain);
            eprintln!("{text}");
            let lines = diagnostics.iter().map(|d| d.plain_line(sources));
            files = vec![refusal(lines)];
        }
        self.write(&files, directives) && !failed
    }

    /// The folder, since a new file in it is a new contract, and each file that was read.
    fn dependencies(&self, contracts: &Contracts, directives: &mut String) {
        let folder = self.contracts.display().to_string();
        directive(directives, "rerun-if-changed", &folder);
        for (_, file) in contracts.sources.iter() {
            directive(directives, "rerun-if-changed", &file.name);
        }
    }

    fn write(&self, files: &[GeneratedFile], directives: &mut String) -> bool {
        let folder = match (&self.out_dir, std::env::var_os("OUT_DIR")) {
            (Some(folder), _) => folder.clone(),
            (None, Some(out_dir)) => Path::new(&out_dir).join("soniq"),
            (None, None) => {
                let message = "OUT_DIR is not set: call this from a build script";
                directive(directives, "error", message);
                return false;
            }
        };
        match write(&folder, files) {
            Ok(_) => true,
            Err(error) => {
                directive(directives, "error", &error.to_string());
                false
            }
        }
    }
}

/// One line to cargo, whatever `text` holds.
fn directive(out: &mut String, key: &str, text: &str) {
    let text = text.replace(['\n', '\r'], " ");
    // Writing to a `String` does not fail.
    let _ = writeln!(out, "cargo::{key}={text}");
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity() == Severity::Error)
}

/// A `mod.rs` that does not compile, and says why.
fn refusal(lines: impl Iterator<Item = String>) -> GeneratedFile {
    let mut text = format!("{HEADER}\n");
    for line in lines {
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "compile_error!({line:?});");
    }
    GeneratedFile {
        name: "mod.rs".to_owned(),
        text,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use std::fs;
    use std::path::Path;
    use std::time::{Duration, UNIX_EPOCH};

    use super::Builder;

    const GOOD: &str = r#"
        edition = "2026"
        namespace = "a"
        [tasks.t]
        version = 1
        args = { type = "object" }
    "#;

    /// Runs a build script over `contract`; what it says to cargo, and the text of `mod.rs`.
    fn run(folder: &Path, contract: &str) -> (bool, String, String) {
        let contracts = folder.join("contracts");
        fs::create_dir_all(&contracts).unwrap();
        fs::write(contracts.join("a.toml"), contract).unwrap();
        let out = folder.join("out");
        let mut directives = String::new();
        let done = Builder::new(&contracts).out_dir(&out).run(&mut directives);
        let directives = directives.replace(&contracts.display().to_string(), "contracts");
        (
            done,
            directives,
            fs::read_to_string(out.join("mod.rs")).unwrap(),
        )
    }

    #[test]
    fn cargo_learns_the_folder_and_each_file() {
        let folder = tempfile::tempdir().unwrap();
        let (done, directives, module) = run(folder.path(), GOOD);
        assert!(done);
        assert_eq!(
            directives,
            "cargo::rerun-if-changed=contracts\ncargo::rerun-if-changed=contracts/a.toml\n"
        );
        assert!(module.contains("pub mod a;"), "{module}");
    }

    #[test]
    fn every_problem_is_one_line_to_cargo_and_one_in_the_included_file() {
        let folder = tempfile::tempdir().unwrap();
        let bad = GOOD.replace("version = 1", "version = 0\nqueu = 'x'");
        let (done, directives, module) = run(folder.path(), &bad);
        assert!(!done);
        let errors: Vec<&str> = directives
            .lines()
            .filter(|line| line.starts_with("cargo::error="))
            .collect();
        assert_eq!(errors.len(), 2, "{directives}");
        assert!(
            errors[0].starts_with("cargo::error=contracts/a.toml:5:"),
            "{directives}"
        );
        assert!(!directives.contains('\u{1b}'), "{directives}");
        assert_eq!(module.matches("compile_error!(").count(), 2, "{module}");
        assert!(syn::parse_file(&module).is_ok(), "{module}");

        let (done, _, module) = run(folder.path(), GOOD);
        assert!(done && !module.contains("compile_error!"), "{module}");
    }

    #[test]
    fn a_file_is_touched_only_if_its_contract_changes() {
        let folder = tempfile::tempdir().unwrap();
        let contracts = folder.path().join("contracts");
        fs::create_dir(&contracts).unwrap();
        fs::write(
            contracts.join("b.toml"),
            GOOD.replace("namespace = \"a\"", "namespace = \"b\""),
        )
        .unwrap();
        run(folder.path(), GOOD);
        let long_ago = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let outputs = ["a.rs", "b.rs", "mod.rs"].map(|name| folder.path().join("out").join(name));
        for path in &outputs {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_modified(long_ago).unwrap();
        }
        let touched = || {
            let times = outputs
                .iter()
                .map(|path| fs::metadata(path).unwrap().modified());
            times
                .map(|time| time.unwrap() != long_ago)
                .collect::<Vec<_>>()
        };

        run(folder.path(), GOOD);
        assert_eq!(touched(), [false, false, false]);
        run(folder.path(), &GOOD.replace("version = 1", "version = 2"));
        assert_eq!(touched(), [true, false, false]);
    }

    #[test]
    fn a_missing_folder_is_an_error_like_any_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut directives = String::new();
        let builder = Builder::new(folder.path().join("none")).out_dir(folder.path().join("out"));
        assert!(!builder.run(&mut directives));
        assert!(
            directives.contains("cargo::error=error[E001]"),
            "{directives}"
        );
    }
}
