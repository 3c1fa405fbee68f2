//! Where a piece of a contract stands: file, byte range, line and column.

use std::ops::Range;

/// Index of a file in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub(crate) u32);

/// A byte range in one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Bytes of the file's text, half open; always on character boundaries.
    pub range: Range<usize>,
}

/// One contract or schema file as it was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as people should see it: the contracts folder as it was given, `/`, the file's name.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl SourceFile {
    /// The last segment of [`name`](Self::name), `billing.toml`: the same on every machine.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }
}

/// All files of a run, in order of their names.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            name: name.into(),
            text: text.into(),
        });
        id
    }

    /// The file behind `id`.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }

    /// Line and column of a location's start, both from 1; columns count characters.
    pub fn line_column(&self, location: &Location) -> (usize, usize) {
        let text = &self.get(location.file).text;
        let before = text.get(..location.range.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        (line, column)
    }
}
