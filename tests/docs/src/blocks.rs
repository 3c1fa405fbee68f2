//! The code blocks of a guide.

/// Blocks of exactly this info string: the line that each begins on, counted from 1, and its text.
/// One that is indented, in a list, comes without its indentation.
pub fn blocks(text: &str, info: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let inner = line.trim_start();
        match &mut open {
            Some(_) if inner.trim_end() == "```" => {
                found.extend(open.take().map(|(line, _, block)| (line, block)));
            }
            Some((_, indentation, block)) => {
                block.push_str(line.get(*indentation..).unwrap_or_default());
                block.push('\n');
            }
            None if inner.trim_end().strip_prefix("```") == Some(info) => {
                open = Some((index + 2, line.len() - inner.len(), String::new()));
            }
            None => {}
        }
    }
    found
}
