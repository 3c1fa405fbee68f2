//! What each code means, at more length than fits beside a place.
//!
//! One Markdown file per code in `explanations/`: a paragraph, then `Wrong:` and `Right:` with an
//! example each. The files of an example are fenced blocks, named behind the language if there are
//! several (`toml emails.toml`); one without an `edition` begins with that of the namespace
//! `billing`. What no contract can show is a `console` block.

macro_rules! explanations {
    ($($id:ident)*) => {
        const ALL: &[(&str, &str)] = &[$((
            stringify!($id),
            include_str!(concat!("explanations/", stringify!($id), ".md")),
        )),*];
    };
}

explanations! {
    E001 E002 E003 E004 E005 E006 E007 E008 E009 E010
    E011 E012 E013 E014 E015 E016 E017 E018 E019 E020
    E021 E022 E023 E024 E025 E026 E027 E028 E029 E030
    E031 E032 E033 E034 E035 E036 E037 E038 E039 E040
    E041 E042 E043 E044 E045 E046 E047 E048 E049 E050
    E051 E052 E053 E054
    L001 L002 L003 L004 L005 L006 L007 L008 L009 L010
    L011 L012 L013 L014 L015 L016
}

/// The explanation of the code with this id, as Markdown.
///
/// ```
/// use soniq_schema::diagnostic::explanation;
///
/// assert!(explanation("E012").is_some_and(|text| text.contains("namespace")));
/// assert_eq!(explanation("E999"), None);
/// ```
pub fn explanation(id: &str) -> Option<&'static str> {
    let (_, text) = ALL.iter().find(|(code, _)| *code == id)?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::ALL;
    use crate::diagnostic::codes;

    /// That their examples do what they say is tested where all codes are known, in soniq-codegen.
    #[test]
    fn every_code_is_explained() {
        let codes: Vec<_> = codes::ALL.iter().map(|code| code.id).collect();
        let explained: Vec<_> = ALL.iter().map(|(id, _)| *id).collect();
        assert_eq!(explained, codes, "write explanations/CODE.md and list it");
    }
}
