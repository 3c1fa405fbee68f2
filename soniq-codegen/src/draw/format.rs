//! Texts of the formats.

/// A format's name, a text of it to show, and a regular expression that all of its matches fit.
const FORMATS: &[(&str, &str, &str)] = &[
    (
        "uuid",
        "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    (
        "date-time",
        "2026-01-31T12:00:00Z",
        r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):(00|30))",
    ),
    (
        "date",
        "2026-01-31",
        "(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
    ),
    (
        "time",
        "12:00:00Z",
        r"([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-3]):(00|30))",
    ),
    ("duration", "PT15M", "P([1-9][0-9]?D|T[1-9][0-9]?[HMS])"),
    (
        "email",
        "ada@example.com",
        r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8})?@[a-z][a-z0-9]{0,8}\.(com|org|example)",
    ),
    (
        "uri",
        "https://example.com/",
        r"https?://[a-z][a-z0-9]{0,8}\.(com|org|example)(/[a-z0-9]{1,8}){0,3}(\?[a-z]{1,4}=[a-z0-9]{1,4})?(#[a-z]{1,4})?",
    ),
    (
        "uri-reference",
        "/path",
        r"(https://[a-z]{1,8}\.example)?(/[a-z0-9]{1,8}){1,3}",
    ),
    (
        "iri",
        "https://example.com/",
        r"https?://[a-z]{1,8}\.example(/[a-z0-9äöü]{1,8}){0,3}",
    ),
    (
        "iri-reference",
        "/path",
        r"(https://[a-z]{1,8}\.example)?(/[a-z0-9äöü]{1,8}){1,3}",
    ),
    (
        "uri-template",
        "/path/{id}",
        r"(/[a-z0-9]{1,8}){1,2}(/\{[a-z]{1,8}\})?",
    ),
    ("json-pointer", "/path", "(/[a-z0-9]{1,8}){0,3}"),
    (
        "relative-json-pointer",
        "0/path",
        "(0|[1-9])(/[a-z0-9]{1,8}){0,3}",
    ),
    ("regex", "^[a-z]+$", r"\^?\[a-z\](\*|\+|\{1,[2-9]\})\$?"),
    (
        "ipv4",
        "192.0.2.1",
        r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])",
    ),
    (
        "ipv6",
        "2001:db8::1",
        "2001:db8(:[0-9a-f]{1,4}){6}|2001:db8::[0-9a-f]{1,4}",
    ),
    (
        "hostname",
        "example.com",
        r"([a-z][a-z0-9]{0,8}\.){0,2}[a-z][a-z0-9]{0,8}",
    ),
];

/// A text of the format, to show.
pub(super) fn shown(format: &str) -> Option<&'static str> {
    let mut known = FORMATS.iter();
    known
        .find(|(name, ..)| *name == format)
        .map(|(_, text, _)| *text)
}

/// A regular expression whose matches are texts of the format.
pub(crate) fn expression(format: &str) -> Option<&'static str> {
    let mut known = FORMATS.iter();
    known
        .find(|(name, ..)| *name == format)
        .map(|(.., expression)| *expression)
}

#[cfg(test)]
mod tests {
    use super::FORMATS;
    use crate::draw::sample::Choices;
    use crate::draw::text::matching;

    #[test]
    fn every_text_is_one_of_its_format() {
        for (format, shown, expression) in FORMATS {
            assert!(soniq_rules::format_is_known(format), "{format}");
            assert!(
                soniq_rules::format_matches(format, shown),
                "{format}: {shown}"
            );
            for seed in 0..500 {
                let drawn = matching(expression, &mut Choices::random(seed));
                let drawn = drawn.unwrap_or_else(|| unreachable!("{expression} has texts"));
                assert!(
                    soniq_rules::format_matches(format, &drawn),
                    "{format}: {drawn}"
                );
            }
        }
    }
}
