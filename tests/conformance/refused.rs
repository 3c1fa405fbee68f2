//! The groups that are refused, each with the keyword that is to blame: one list for the checks that
//! are generated and for those of `soniq_schema::evaluate`.

use crate::suite::Group;

const LIST: &str = include_str!("../../soniq-schema/tests/suite_refused.txt");

/// The keyword for which a group may be refused. Its line is `keyword | file | group`, where the
/// group `*` stands for every one of the file that uses the keyword.
pub(crate) fn keyword(group: &Group) -> Option<&'static str> {
    let text = group.schema.to_string();
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let mut entries = lines.filter_map(|line| {
        let mut parts = line.splitn(3, " | ");
        Some((parts.next()?, parts.next()?, parts.next()?))
    });
    let (keyword, ..) = entries.find(|(keyword, file, name)| {
        *file == group.file
            && text.contains(&format!("\"{keyword}\""))
            && (*name == "*" || *name == group.description)
    })?;
    Some(keyword)
}
