//! The layout of a file: which tables and keys come when, and what stands between them.

use std::collections::BTreeMap;

use toml_edit::{Document, Item, Key, Table, TableLike, TomlError};

use super::comments::{Line, all_lines, behind, lines, split_head, split_tail};
use super::entry::{Entry, entries, position};
use super::order::Level;
use super::value::{Place, Source};

/// The one layout of a contract: what it says, the order of properties, and comments stay.
///
/// # Errors
/// What is not TOML.
pub(super) fn formatted(text: &str) -> Result<String, TomlError> {
    let document = Document::parse(text)?;
    let mut tables = Vec::new();
    collect(document.as_table(), Level::File, &[], false, &mut tables);
    let mut layout = Layout {
        source: Source(text),
        out: String::new(),
        tails: BTreeMap::new(),
    };
    let end = layout.find_tails(&tables, layout.source.raw(Some(document.trailing())));
    for table in &tables {
        layout.table(table);
    }
    if !end.is_empty() {
        layout.paragraph(end);
    }
    Ok(layout.out)
}

/// A table with a header, or the top of the file.
struct Section<'s> {
    path: Vec<&'s Key>,
    table: &'s Table,
    level: Level,
    /// Whether its header has double brackets.
    is_element: bool,
}

impl Section<'_> {
    /// Its place among the sections of the file.
    fn position(&self) -> isize {
        self.table.position().unwrap_or_default()
    }
}

/// Adds a table and those below it, in canonical order.
fn collect<'s>(
    table: &'s Table,
    level: Level,
    path: &[&'s Key],
    is_element: bool,
    sections: &mut Vec<Section<'s>>,
) {
    if !table.is_implicit() {
        sections.push(Section {
            path: path.to_vec(),
            table,
            level,
            is_element,
        });
    }
    collect_below(table, level, path, sections);
}

fn collect_below<'s>(
    table: &'s dyn TableLike,
    level: Level,
    path: &[&'s Key],
    sections: &mut Vec<Section<'s>>,
) {
    let mut below: Vec<_> = table
        .iter()
        .filter_map(|(name, item)| Some((table.key(name)?, item)))
        .collect();
    below.sort_by_key(|(key, _)| (level.rank(key.get()), position(key)));
    for (key, item) in below {
        let level = level.below(key.get());
        let path = [path, &[key]].concat();
        match item {
            // Its values belong to the table that it stands in; there may be headers below it.
            Item::Table(table) if table.is_dotted() => {
                collect_below(table, level, &path, sections);
            }
            Item::Table(table) => collect(table, level, &path, false, sections),
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    collect(table, level, &path, true, sections);
                }
            }
            Item::Value(_) | Item::None => {}
        }
    }
}

struct Layout<'s> {
    source: Source<'s>,
    out: String,
    /// Comments at the end of a section, by its place in the file.
    tails: BTreeMap<isize, Vec<Line<'s>>>,
}

impl<'s> Layout<'s> {
    /// Finds what stands at the ends of sections, and gives back what stands at the end of the file.
    fn find_tails(&mut self, sections: &[Section<'s>], end: &'s str) -> Vec<Line<'s>> {
        let mut by_position: Vec<&Section<'s>> = sections.iter().collect();
        by_position.sort_by_key(|section| section.position());
        for pair in by_position.windows(2) {
            let [before, section] = pair else { continue };
            let tail = split_tail(&mut self.above(section));
            self.tails.insert(before.position(), tail);
        }
        let mut end = all_lines(end);
        end.pop_if(|line| *line == Line::Empty);
        if let Some(last) = by_position.last() {
            let is_adjacent = end.iter().all(|line| *line != Line::Empty);
            let tail = if is_adjacent {
                std::mem::take(&mut end)
            } else {
                split_tail(&mut end)
            };
            self.tails.insert(last.position(), tail);
        }
        end
    }

    /// The lines above a header.
    fn above(&self, section: &Section<'s>) -> Vec<Line<'s>> {
        lines(self.source.raw(section.table.decor().prefix()))
    }

    fn table(&mut self, section: &Section<'s>) {
        let entries = entries(section.table, section.level);
        if section.path.is_empty() {
            self.top(&entries);
        } else {
            let mut above = self.above(section);
            split_tail(&mut above);
            self.paragraph(above);
            self.header(section);
            for (index, entry) in entries.iter().enumerate() {
                self.entry(entry, self.lines_above(entry), index == 0);
            }
        }
        let tail = self.tails.remove(&section.position());
        self.lines(tail.unwrap_or_default());
    }

    /// The keys above the first header, below what is said of the whole file.
    fn top(&mut self, entries: &[Entry<'s>]) {
        let first = entries.iter().map(Entry::position).min();
        let mut above: Vec<_> = entries
            .iter()
            .map(|entry| self.lines_above(entry))
            .collect();
        for (entry, above) in entries.iter().zip(&mut above) {
            if Some(entry.position()) == first {
                let head = split_head(above);
                self.lines(head.into_iter().skip_while(|line| *line == Line::Empty));
            }
        }
        for (index, (entry, above)) in entries.iter().zip(above).enumerate() {
            self.entry(entry, above, index == 0);
        }
    }

    fn lines_above(&self, entry: &Entry<'s>) -> Vec<Line<'s>> {
        lines(self.source.raw(entry.key().leaf_decor().prefix()))
    }

    fn header(&mut self, section: &Section<'s>) {
        let (open, close) = if section.is_element {
            ("[[", "]]")
        } else {
            ("[", "]")
        };
        let path = self.source.path(&section.path);
        self.out.extend([open, &path, close]);
        self.end_line(self.source.raw(section.table.decor().suffix()));
    }

    fn entry(&mut self, entry: &Entry<'s>, above: Vec<Line<'s>>, is_first: bool) {
        let above = above.into_iter();
        let lines = above.skip_while(|line| is_first && *line == Line::Empty);
        self.lines(lines);
        let key = self.source.path(&entry.path);
        let place = Place {
            indent: 0,
            column: key.chars().count() + " = ".len(),
            breaks: true,
        };
        let value = self.source.value(entry.value, entry.level, place);
        self.out.extend([&key, " = ", &value]);
        self.end_line(self.source.raw(entry.value.decor().suffix()));
    }

    fn end_line(&mut self, after: &str) {
        if let Some(comment) = behind(after) {
            self.out.extend([" ", comment]);
        }
        self.out.push('\n');
    }

    /// Lines after an empty one, unless the file begins with them.
    fn paragraph(&mut self, lines: Vec<Line<'s>>) {
        let mut lines: Vec<_> = lines
            .into_iter()
            .skip_while(|line| *line == Line::Empty)
            .collect();
        if !self.out.is_empty() {
            lines.insert(0, Line::Empty);
        }
        self.lines(lines);
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = Line<'s>>) {
        for line in lines {
            if let Line::Comment(comment) = line {
                self.out.push_str(comment);
            }
            self.out.push('\n');
        }
    }
}
