//! The groups that the generator refuses, each with the keyword that it refuses.

const LIST: &str = include_str!("refused.txt");

/// The keyword for which a group may be refused: its line is `file: keyword: description`, where
/// the description `*` stands for every group of the file.
pub(crate) fn keyword(file: &str, description: &str) -> Option<&'static str> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let mut entries = lines.filter_map(|line| {
        let mut parts = line.splitn(3, ": ");
        Some((parts.next()?, parts.next()?, parts.next()?))
    });
    let (_, keyword, _) =
        entries.find(|(of, _, which)| *of == file && (*which == description || *which == "*"))?;
    Some(keyword)
}
