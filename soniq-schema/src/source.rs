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
    /// The byte after each line's end: a file may have as many problems as lines.
    line_starts: Vec<usize>,
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
        let text = text.into();
        self.files.push(SourceFile {
            name: name.into(),
            line_starts: text.match_indices('\n').map(|(end, _)| end + 1).collect(),
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
        let end = location.range.start.min(file.text.len());
        let line = file.line_starts.partition_point(|start| *start <= end);
        let start = line.checked_sub(1).map_or(0, |last| file.line_starts[last]);
        let before = file.text.get(start..end).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "ab\r\n\nzwölf = 1\n");
        let at = |byte: usize| {
            sources.line_column(&Location {
                file,
                range: byte..byte,
            })
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 4)); // the line's end is part of it
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(5), (3, 1));
        assert_eq!(at(9), (3, 4)); // after an umlaut of two bytes
        assert_eq!(at(16), (4, 1));
        assert_eq!(at(99), (4, 1));
    }
}
