//! Generated code as a program: one crate, compiled once, however many contracts it is made of.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A crate to be.
#[derive(Debug)]
pub struct Compiled<'a> {
    /// The package's name, and that of its folder in the workspace's target folder.
    pub name: &'a str,
    /// The text of `main.rs`, which may have a `mod generated`.
    pub main: &'a str,
    /// Files of that module, by name.
    pub generated: Vec<(String, String)>,
}

impl Compiled<'_> {
    /// Compiles the crate and runs it with `input` as the file that its first argument names; what it
    /// wrote to stdout.
    ///
    /// # Panics
    /// If a file cannot be written, or the crate does not compile.
    pub fn run(&self, input: &str) -> String {
        let target = target_folder();
        let folder = target.join(self.name);
        // Files of an earlier run; there may be none.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src/generated")).expect("the target folder is writable");
        let write = |name: &str, text: &str| {
            fs::write(folder.join(name), text).expect("the target folder is writable");
        };
        for (name, text) in &self.generated {
            write(&format!("src/generated/{name}"), text);
        }
        write("src/main.rs", self.main);
        write("Cargo.toml", &self.manifest());
        write("input", input);
        fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock"))
            .expect("the workspace has a lock file");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--offline", "--quiet"])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS")
            .status()
            .expect("cargo can be run");
        assert!(built.success(), "the generated crate does not compile");
        let output = Command::new(target.join("debug").join(self.name))
            .arg(folder.join("input"))
            .output()
            .expect("the program was built");
        String::from_utf8(output.stdout).expect("the program writes text")
    }

    fn manifest(&self) -> String {
        format!(
            r#"[package]
name = "{}"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
serde_json = "1"
soniq-runtime = {{ path = "{}" }}

# As in the workspace: what is built there is not built again.
[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#,
            self.name,
            repository().join("soniq-runtime").display()
        )
    }
}

fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .expect("this package lies in the workspace")
        .to_owned()
}

/// The workspace's target folder: a test lies in its `debug/deps`.
fn target_folder() -> PathBuf {
    let program = env::current_exe().expect("the system knows this program");
    let target = program.ancestors().nth(3);
    target.expect("a test lies in the target folder").to_owned()
}
