//! The nearest known name to a misspelt one.

/// The name of `known` that `word` was most likely meant to be; `None` if none is near: one edit in
/// three characters, and at least two, may be wrong.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).max(2);
    known
        .iter()
        .map(|name| (strsim::osa_distance(&word, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["owner", "description", "queue", "maxLength"];
        assert_eq!(nearest("ownr", &known), Some("owner"));
        assert_eq!(nearest("qeueu", &known), Some("queue"));
        assert_eq!(nearest("maxlength", &known), Some("maxLength"));
        assert_eq!(nearest("desciptions", &known), Some("description"));
        assert_eq!(nearest("timeout", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
