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

    /// The whole lines that a range touches, and the number of the first, from 1.
    pub(crate) fn lines_around(&self, range: &Range<usize>) -> (usize, Range<usize>) {
        let first = self.lines_before(range.start);
        let last = self.lines_before(range.end);
        let end = self.line_starts.get(last).copied();
        let range = self.line_start(first)..end.unwrap_or(self.text.len());
        (first + 1, range)
    }

    /// How many lines lie before that of a byte.
    fn lines_before(&self, byte: usize) -> usize {
        let byte = byte.min(self.text.len());
        self.line_starts.partition_point(|start| *start <= byte)
    }

    /// The first byte of the line that so many lie before.
    fn line_start(&self, before: usize) -> usize {
        let last = before.checked_sub(1);
        last.map_or(0, |last| self.line_starts[last])
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

    /// File and line of a location's start, `billing.toml:12`: without the folder, which is not the
    /// same for everyone who generates.
    pub fn place(&self, location: &Location) -> String {
        let file = self.get(location.file);
        let line = file.lines_before(location.range.start) + 1;
        format!("{}:{line}", file.file_name())
    }

    /// Line and column of a location's start, both from 1; columns count characters.
    pub fn line_column(&self, location: &Location) -> (usize, usize) {
        let file = self.get(location.file);
        let end = location.range.start.min(file.text.len());
        let lines = file.lines_before(end);
        let before = file.text.get(file.line_start(lines)..end);
        let column = before.unwrap_or_default().chars().count() + 1;
        (lines + 1, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("contracts/a.toml", "ab\r\n\nzwölf = 1\n");
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
        let place = |byte| {
            sources.place(&Location {
                file,
                range: byte..byte,
            })
        };
        assert_eq!(
            [0, 4, 9, 16].map(place),
            [1, 2, 3, 4].map(|line| format!("a.toml:{line}"))
        );
    }
    #[test]
    fn ranges_touch_whole_lines() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml", "ab\ncd\nef");
        let around = |range: Range<usize>| {
            let (line, lines) = sources.get(file).lines_around(&range);
            (line, &sources.get(file).text[lines])
        };
        assert_eq!(around(0..1), (1, "ab\n"));
        assert_eq!(around(1..2), (1, "ab\n"));
        assert_eq!(around(4..7), (2, "cd\nef"));
        assert_eq!(around(8..8), (3, "ef"));
    }
}
