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
        let loaded = soniq_schema::load(&self.contracts);
        self.print_dependencies(&loaded.contracts);
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
            println!("cargo::{kind}={}", diagnostic.plain_line(sources));
        }
        let failed = has_error(&diagnostics);
        if failed {
            let text = soniq_schema::diagnostic::render(&diagnostics, sources, Style::Plain);
            eprintln!("{text}");
            let lines = diagnostics.iter().map(|d| d.plain_line(sources));
            files = vec![refusal(lines)];
        }
        if !self.write(&files) || failed {
            std::process::exit(1);
        }
    }

    /// The folder, since a new file in it is a new contract, and each file that was read.
    fn print_dependencies(&self, contracts: &Contracts) {
        println!("cargo::rerun-if-changed={}", self.contracts.display());
        for (_, file) in contracts.sources.iter() {
            println!("cargo::rerun-if-changed={}", file.name);
        }
    }

    fn write(&self, files: &[GeneratedFile]) -> bool {
        let folder = match (&self.out_dir, std::env::var_os("OUT_DIR")) {
            (Some(folder), _) => folder.clone(),
            (None, Some(out_dir)) => Path::new(&out_dir).join("soniq"),
            (None, None) => {
                println!("cargo::error=OUT_DIR is not set: call this from a build script");
                return false;
            }
        };
        match write(&folder, files) {
            Ok(_) => true,
            Err(error) => {
                println!("cargo::error={error}");
                false
            }
        }
    }
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
    use super::refusal;

    #[test]
    fn a_refusal_is_rust_that_says_why() {
        let lines = ["a.toml:1:1: error[E001]: \"x\" is \\ not known".to_owned()];
        let file = refusal(lines.into_iter());
        assert_eq!(file.name, "mod.rs");
        assert!(syn::parse_file(&file.text).is_ok(), "{}", file.text);
        assert!(
            file.text.contains(r#"\"x\" is \\ not known"#),
            "{}",
            file.text
        );
    }
}
