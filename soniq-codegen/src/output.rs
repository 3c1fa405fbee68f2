//! The output folder: only what changed is written, only what was generated is removed.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::render::GeneratedFile;

/// What [`write()`] did, by file name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files that were new or different.
    pub written: Vec<String>,
    /// Files of an earlier run that no contract asks for any more.
    pub removed: Vec<String>,
}

impl Changes {
    /// Whether the folder was as it should be.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

/// A file of the output folder that could not be read, written or removed.
// By hand: `thiserror` for this one error would be two more crates in every build script.
#[derive(Debug)]
pub struct OutputError {
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutputError { what, path, source } = self;
        let path = path.display();
        write!(
            f,
            "cannot {what} {path}: {source}; check the folder and its permissions"
        )
    }
}

impl Error for OutputError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// Makes `folder` hold `files`. A file that has its text already is not touched, so nothing that
/// depends on it is built again; a file that was not generated is left alone.
///
/// # Errors
/// The first file that cannot be read, written or removed.
pub fn write(folder: &Path, files: &[GeneratedFile]) -> Result<Changes, OutputError> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let changes = outdated(folder, files)?;
    for file in files {
        if changes.written.contains(&file.name) {
            let path = folder.join(&file.name);
            fs::write(&path, &file.text).map_err(failed("write", &path))?;
        }
    }
    for name in &changes.removed {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(failed("remove", &path))?;
    }
    Ok(changes)
}

/// What [`write()`] would do.
///
/// # Errors
/// The first file that cannot be read.
pub fn outdated(folder: &Path, files: &[GeneratedFile]) -> Result<Changes, OutputError> {
    let mut changes = Changes::default();
    for file in files {
        let path = folder.join(&file.name);
        if read(&path)?.as_deref() != Some(file.text.as_bytes()) {
            changes.written.push(file.name.clone());
        }
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(changes),
        Err(error) => return Err(failed("read", folder)(error)),
    };
    for entry in entries {
        let path = entry.map_err(failed("read", folder))?.path();
        let Some(name) = path.file_name().and_then(OsStr::to_str) else {
            continue;
        };
        let Some(first_line) = first_line_of_kind(files, path.extension()) else {
            continue;
        };
        if path.is_file() && files.iter().all(|file| file.name != name) {
            let text = read(&path)?.unwrap_or_default();
            if text.starts_with(first_line.as_bytes()) {
                changes.removed.push(name.to_owned());
            }
        }
    }
    changes.removed.sort_unstable();
    Ok(changes)
}

/// What the files of this extension start with: all that are generated say so in their first line.
/// `None` if none of this extension are written, so that Rust and documentation may share a folder.
fn first_line_of_kind<'f>(
    files: &'f [GeneratedFile],
    extension: Option<&OsStr>,
) -> Option<&'f str> {
    let of_kind = |file: &&GeneratedFile| Path::new(&file.name).extension() == extension;
    let file = files.iter().find(of_kind)?;
    file.text.split_inclusive('\n').next()
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, OutputError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError { what, path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use std::fs;

    use super::{Changes, outdated, write};
    use crate::render::GeneratedFile;
    use crate::rust::HEADER;

    fn file(name: &str, text: &str) -> GeneratedFile {
        GeneratedFile {
            name: name.to_owned(),
            text: format!("{HEADER}{text}"),
        }
    }

    #[test]
    fn only_changes_are_written_and_only_generated_files_removed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let first = [
            file("mod.rs", "1"),
            file("old.rs", "1"),
            file("same.rs", "1"),
        ];
        let changes = write(&folder, &first).unwrap();
        assert_eq!(changes.written, ["mod.rs", "old.rs", "same.rs"]);
        fs::write(folder.join("mine.rs"), "// by hand").unwrap();
        let before = fs::metadata(folder.join("same.rs")).unwrap();

        let second = [file("mod.rs", "2"), file("same.rs", "1")];
        let expected = Changes {
            written: vec!["mod.rs".to_owned()],
            removed: vec!["old.rs".to_owned()],
        };
        assert_eq!(outdated(&folder, &second).unwrap(), expected);
        assert_eq!(write(&folder, &second).unwrap(), expected);
        assert!(write(&folder, &second).unwrap().is_empty());
        assert!(folder.join("mine.rs").exists());
        assert!(!folder.join("old.rs").exists());
        let after = fs::metadata(folder.join("same.rs")).unwrap();
        assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    }

    #[test]
    fn other_kinds_of_generated_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let page = |name: &str| GeneratedFile {
            name: name.to_owned(),
            text: "<!-- generated -->\n".to_owned(),
        };
        write(folder.path(), &[file("mod.rs", "1"), file("old.rs", "1")]).unwrap();
        let changes = write(folder.path(), &[page("tasks.md"), page("tasks-a.md")]).unwrap();
        assert_eq!(changes.removed, [""; 0]);
        let changes = write(folder.path(), &[file("mod.rs", "1")]).unwrap();
        assert_eq!(changes.removed, ["old.rs"]);
        let changes = write(folder.path(), &[page("tasks.md")]).unwrap();
        assert_eq!(changes.removed, ["tasks-a.md"]);
    }

    #[test]
    fn a_folder_that_is_a_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "").unwrap();
        let error = write(&path, &[]).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}
