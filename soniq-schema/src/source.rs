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
    /// Where each line begins.
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// The last segment of [`name`](Self::name), `billing.toml`: the same on every machine.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The index of the line that a byte is in.
    fn line_of(&self, at: usize) -> usize {
        let begun = self.line_starts.partition_point(|start| *start <= at);
        begun.saturating_sub(1)
    }

    /// The whole lines that a range touches, and the number of the first one, from 1.
    pub(crate) fn lines(&self, range: &Range<usize>) -> (Range<usize>, usize) {
        let first = self.line_of(range.start);
        let after = self.line_starts.get(self.line_of(range.end) + 1);
        let end = after.copied().unwrap_or(self.text.len());
        (self.line_starts[first]..end, first + 1)
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
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        self.files.push(SourceFile {
            name: name.into(),
            line_starts: std::iter::once(0).chain(breaks).collect(),
            text,
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
        let file = self.get(location.file);
        let line = file.line_of(location.range.start);
        let before = file
            .text
            .get(file.line_starts[line]..location.range.start)
            .unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }
}
