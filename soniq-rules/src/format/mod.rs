//! `format` on strings: which names are known, and which text each one admits.

mod duration;
mod internet;
mod pointer;
mod template;
mod time;

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether `format` names a string format that [`format_matches`] can check.
///
/// Known are those in the table of [`format_matches`]. Of JSON Schema's formats, two are not:
/// `idn-email` and `idn-hostname` need the tables of IDNA, which are twenty crates.
/// Integer widths are not string formats; see [`integer_width`](crate::integer_width).
///
/// ```
/// assert!(soniq_rules::format_is_known("uuid"));
/// assert!(!soniq_rules::format_is_known("int32"));
/// ```
pub fn format_is_known(format: &str) -> bool {
    check_of(format).is_some()
}

/// Whether `text` is of `format`. A name that is not known admits every text, as in JSON Schema.
///
/// | format | admits |
/// | --- | --- |
/// | `uuid` | RFC 9562 section 4: the hyphenated form, either case |
/// | `date-time` | RFC 3339 section 5.6, whose instant lies in the years 0000 to 9999 of UTC |
/// | `date` | RFC 3339 section 5.6, `full-date` |
/// | `time` | RFC 3339 section 5.6, `full-time`: the offset is required |
/// | `email` | RFC 5321 section 4.1.2, `Mailbox` |
/// | `duration` | RFC 3339 appendix A: `P1DT12H`, without fractions |
/// | `uri` | RFC 3986 section 3: absolute, with or without a fragment |
/// | `uri-reference` | RFC 3986 section 4.1 |
/// | `uri-template` | RFC 6570 |
/// | `iri`, `iri-reference` | RFC 3987 section 2.2 |
/// | `json-pointer` | RFC 6901 section 3, not as a URI fragment |
/// | `relative-json-pointer` | the draft that JSON Schema 2020-12 names, section 3 |
/// | `ipv4` | RFC 2673 section 3.2: four decimal numbers without leading zeros |
/// | `ipv6` | RFC 4291 section 2.2, without a zone |
/// | `hostname` | RFC 1123 section 2.1: LDH labels of up to 63, 253 characters in all |
/// | `regex` | ECMA-262 without look-around and back-references, as the `pattern` keyword takes it |
///
/// What matches `uuid`, `date-time` or `date` also deserializes into `uuid::Uuid`,
/// `chrono::DateTime<Utc>` or `chrono::NaiveDate`.
///
/// ```
/// assert!(soniq_rules::format_matches("email", "ada@example.com"));
/// assert!(!soniq_rules::format_matches("email", "ada"));
/// ```
pub fn format_matches(format: &str, text: &str) -> bool {
    check_of(format).is_none_or(|check| check(text))
}

/// The length of a string as JSON Schema counts it: in Unicode code points.
///
/// ```
/// assert_eq!(soniq_rules::length("na\u{ef}ve"), 5);
/// ```
pub fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

/// The one table of formats: the name and the function that checks it.
fn check_of(format: &str) -> Option<fn(&str) -> bool> {
    Some(match format {
        "uuid" => is_uuid,
        "date-time" => time::is_date_time,
        "date" => time::is_date,
        "time" => time::is_time,
        "email" => internet::is_email,
        "duration" => duration::is_duration,
        "uri" => internet::is_uri,
        "uri-reference" => internet::is_uri_reference,
        "uri-template" => template::is_uri_template,
        "iri" => internet::is_iri,
        "iri-reference" => internet::is_iri_reference,
        "json-pointer" => pointer::is_json_pointer,
        "relative-json-pointer" => pointer::is_relative_json_pointer,
        "ipv4" => |text| text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => |text| text.parse::<Ipv6Addr>().is_ok(),
        "hostname" => internet::is_hostname,
        "regex" => crate::pattern::is_regex,
        _ => return None,
    })
}

/// Groups of 8, 4, 4, 4 and 12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The `uuid` crate also takes the simple, braced and URN forms; of 36 characters there is
        /// only the hyphenated one.
        #[test]
        fn what_matches_as_uuid_is_what_decodes(text in "[0-9a-fA-Fg]{8}(-[0-9a-fA-F]{4}|[0-9a-f-]{5}){3}-[0-9a-fA-F]{12}") {
            prop_assert_eq!(is_uuid(&text), uuid::Uuid::try_parse(&text).is_ok());
        }
    }

    /// Each line of `good` matches, each of `bad` does not.
    fn check(format: &str, good: &[&str], bad: &[&str]) {
        assert!(format_is_known(format));
        for text in good {
            assert!(format_matches(format, text), "{format} refused {text:?}");
        }
        for text in bad.iter().chain(&["", " "]) {
            assert!(!format_matches(format, text), "{format} took {text:?}");
        }
    }

    #[test]
    fn uuid() {
        check(
            "uuid",
            &[
                "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
                "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
                "00000000-0000-0000-0000-000000000000",
            ],
            &[
                "3f0c9a527d3e4a579a550d7d3c7f1a11",
                "{3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11}",
                "urn:uuid:3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
                "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a1g",
                "3f0c9a527-d3e-4a57-9a55-0d7d3c7f1a11",
                "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a1\u{661}",
            ],
        );
    }

    #[test]
    fn addresses() {
        check(
            "ipv4",
            &["127.0.0.1", "255.255.255.255"],
            &["256.0.0.1", "1.2.3", "01.2.3.4"],
        );
        check(
            "ipv6",
            &["::1", "2001:db8::8a2e:370:7334", "::ffff:192.0.2.1"],
            &["1:2", "fe80::1%eth0", "[::1]", "12345::"],
        );
    }

    #[test]
    fn references_and_pointers() {
        assert!(format_matches("json-pointer", "/a/0"));
        assert!(format_matches("relative-json-pointer", "1/a"));
        assert!(format_matches("uri-reference", "../a?b#c"));
        assert!(format_matches("iri-reference", "\u{e4}"));
        check("duration", &["P1D"], &["1 day"]);
        check("iri", &["https://ex\u{e4}mple.com/\u{4e2d}"], &["\u{e4}"]);
        check(
            "uri",
            &["https://example.com/"],
            &["https://ex\u{e4}mple.com/"],
        );
    }

    #[test]
    fn an_unknown_format_admits_everything() {
        assert!(!format_is_known("colour"));
        assert!(format_matches("colour", "blurple"));
    }

    #[test]
    fn length_counts_code_points() {
        assert_eq!(length(""), 0);
        assert_eq!(length("\u{1f600}a"), 2);
        assert_eq!(length("e\u{301}"), 2);
    }
}
