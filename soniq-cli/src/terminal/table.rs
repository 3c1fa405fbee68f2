//! Plain tables: columns aligned by spaces, ids whole, nothing drawn.

use clap::builder::styling::Style;

use super::printable;

const HEADER: Style = Style::new().bold();

/// Rows under a header.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    header: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(crate) fn new(header: [&'static str; N]) -> Self {
        Table {
            header,
            rows: Vec::new(),
        }
    }

    /// Adds a row; control characters in it are escaped.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows
            .push(cells.map(|cell| printable(&cell).into_owned()));
    }

    /// The header and all rows, each on a line.
    pub(crate) fn render(&self) -> String {
        let widths: [usize; N] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.chain([self.header[column].len()]).max().unwrap_or(0)
        });
        let header = line(&self.header, &widths);
        let mut text = format!("{HEADER}{header}{HEADER:#}\n");
        for row in &self.rows {
            text.push_str(&line(row, &widths));
            text.push('\n');
        }
        text
    }
}

fn line(cells: &[impl AsRef<str>], widths: &[usize]) -> String {
    let columns = cells.iter().zip(widths);
    let padded: Vec<String> = columns
        .map(|(cell, width)| format!("{:<width$}", cell.as_ref()))
        .collect();
    padded.join("  ").trim_end().to_owned()
}

/// One thing: a line per fact, the names aligned. Texts of several lines are indented below.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    facts: Vec<(&'static str, String)>,
}

impl Facts {
    /// Adds a fact.
    pub(crate) fn fact(&mut self, name: &'static str, value: impl Into<String>) {
        self.facts.push((name, value.into()));
    }

    /// Adds a fact where there is one.
    pub(crate) fn optional(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.fact(name, value);
        }
    }

    /// All facts, in the order in which they were added.
    pub(crate) fn render(&self) -> String {
        let width = self.facts.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or(0) + 1;
        let mut lines = Vec::new();
        for (name, value) in &self.facts {
            let label = format!("{name}:");
            let mut values = value.lines().map(printable);
            let first = values.next().unwrap_or_default();
            lines.push(format!("{HEADER}{label:<width$}{HEADER:#} {first}\n"));
            lines.extend(values.map(|line| format!("{:width$} {line}\n", "")));
        }
        lines.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn columns_are_aligned_and_nothing_trails() {
        let mut table = Table::new(["ID", "TASK", "ERROR"]);
        table.row(["1".into(), "billing.send_invoice.v2".into(), "a\tb".into()]);
        table.row(["22".into(), "é".into(), String::new()]);
        insta::assert_snapshot!(plain(&table.render()), @r"
        ID  TASK                     ERROR
        1   billing.send_invoice.v2  a\tb
        22  é
        ");
    }

    #[test]
    fn facts_of_several_lines_are_indented() {
        let mut facts = Facts::default();
        facts.fact("id", "7");
        facts.optional("queue", None::<&str>);
        facts.fact("args", "{\n  \"a\": 1\n}");
        insta::assert_snapshot!(plain(&facts.render()), @r#"
        id:   7
        args: {
                "a": 1
              }
        "#);
    }
}
