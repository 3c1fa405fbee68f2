//! The one place that touches files: the contracts folder and its lock file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{MAX_LENGTH, Opened};
use super::{Loaded, load_files};
use crate::diagnostic::{Diagnostic, codes};
#[cfg(feature = "compat")]
use crate::lock::LoadedLock;

/// Reads every `*.toml` file that lies directly in `dir`, sorted by name, and every JSON file in or
/// below it that a `$ref` leads to.
///
/// Files are shown as `dir` was given, `/`, their name: `contracts/billing.toml`. A folder that does
/// not exist, holds no contract, or a file that cannot be read is a diagnostic like any other.
///
/// ```no_run
/// use std::path::Path;
/// use soniq_schema::diagnostic::{Style, render};
///
/// let loaded = soniq_schema::load(Path::new("contracts"));
/// if !loaded.is_ok() {
///     eprint!("{}", render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain));
/// }
/// ```
pub fn load(dir: &Path) -> Loaded {
    let shown = dir.to_string_lossy().replace('\\', "/");
    let paths = match contract_files(dir) {
        Ok(paths) => paths,
        Err(error) => {
            let message = format!("cannot read the contracts folder {shown}: {error}");
            return failed(Diagnostic::of_folder(codes::FOLDER_UNREADABLE, message));
        }
    };
    if paths.is_empty() {
        let message = format!("the contracts folder {shown} holds no .toml file");
        return failed(Diagnostic::of_folder(codes::FOLDER_EMPTY, message));
    }
    let mut unreadable = Vec::new();
    let mut texts = Vec::new();
    let folder = shown.trim_end_matches('/');
    for path in paths {
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{folder}/{file_name}");
        match read(&path, &name) {
            Ok(Some(text)) => texts.push((name, text)),
            Ok(None) => {
                let message = format!("cannot read {name}: it went away since the folder was read");
                unreadable.push(Diagnostic::of_folder(codes::FILE_UNREADABLE, message));
            }
            Err((code, message)) => unreadable.push(Diagnostic::of_folder(code, message)),
        }
    }
    let mut loaded = load_files(texts, &mut |name| {
        let inside = name.strip_prefix(folder).unwrap_or(name);
        read(&dir.join(inside.trim_start_matches('/')), name)
    });
    loaded.diagnostics.splice(0..0, unreadable);
    loaded
}

/// Reads a lock file; nothing if there is none. A file that cannot be read is a diagnostic.
#[cfg(feature = "compat")]
pub fn load_lock(path: &Path) -> Option<LoadedLock> {
    let name = path.to_string_lossy().replace('\\', "/");
    match read(path, &name) {
        Ok(text) => Some(super::read_lock(&name, text?)),
        Err((_, message)) => Some(LoadedLock {
            diagnostics: vec![Diagnostic::of_folder(codes::LOCK_UNREADABLE, message)],
            ..LoadedLock::default()
        }),
    }
}

/// The text of the file at `path`, which is shown as `name`.
fn read(path: &Path, name: &str) -> Opened {
    let too_large = || {
        let message = format!("{name} is larger than {} MiB", MAX_LENGTH / 1024 / 1024);
        (codes::FILE_TOO_LARGE, message)
    };
    let unreadable = |error: &io::Error| {
        let message = match error.kind() {
            io::ErrorKind::InvalidData => format!("cannot read {name}: it is not UTF-8"),
            _ => format!("cannot read {name}: {error}"),
        };
        (codes::FILE_UNREADABLE, message)
    };
    match fs::metadata(path) {
        // A pipe would be waited for, and a device has no end.
        Ok(metadata) if !metadata.is_file() => {
            let message = format!("cannot read {name}: it is not a file");
            return Err((codes::FILE_UNREADABLE, message));
        }
        Ok(metadata) if metadata.len() > MAX_LENGTH as u64 => return Err(too_large()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(_) | Err(_) => {}
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&error)),
    }
}

fn contract_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            && !path.is_dir()
        {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn failed(diagnostic: Diagnostic) -> Loaded {
    Loaded {
        diagnostics: vec![diagnostic],
        ..Loaded::default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn codes_of(loaded: &Loaded) -> Vec<&str> {
        loaded.diagnostics.iter().map(|d| d.code.id).collect()
    }

    #[test]
    fn a_missing_folder_is_a_diagnostic() {
        let dir = tempfile::tempdir().unwrap();
        let loaded = load(&dir.path().join("nowhere"));
        assert_eq!(codes_of(&loaded), ["E001"]);
        assert!(!loaded.is_ok());
        assert!(
            loaded.diagnostics[0]
                .plain_line(&loaded.contracts.sources)
                .contains("nowhere")
        );
    }

    #[test]
    fn a_folder_without_contracts_is_a_diagnostic() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("contracts.lock"), "x").unwrap();
        fs::create_dir(dir.path().join("folder.toml")).unwrap();
        assert_eq!(codes_of(&load(dir.path())), ["E002"]);
    }

    #[test]
    fn an_unreadable_file_does_not_hide_the_others() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.toml"), [0xff, 0xfe]).unwrap();
        fs::write(
            dir.path().join("b.toml"),
            "edition = '2026'\nnamespace = 'b'\nx = 1",
        )
        .unwrap();
        let loaded = load(dir.path());
        assert_eq!(codes_of(&loaded), ["E003", "E006"]);
        assert_eq!(loaded.contracts.contracts[0].namespace, "b");
    }

    #[test]
    fn names_are_shown_under_the_folder_as_given() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("b.toml"), "").unwrap();
        let loaded = load(&dir.path().join(""));
        let (_, file) = loaded.contracts.sources.iter().next().unwrap();
        assert!(file.name.ends_with("/b.toml") && !file.name.ends_with("//b.toml"));
        assert_eq!(file.file_name(), "b.toml");
    }
}
