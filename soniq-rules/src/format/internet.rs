//! `email`, `hostname`, `uri` and its kin.

use std::net::{Ipv4Addr, Ipv6Addr};

use iri_string::types::{IriReferenceStr, IriStr, UriReferenceStr, UriStr};

/// RFC 3986 section 3: a scheme is required, a fragment is allowed.
pub(super) fn is_uri(text: &str) -> bool {
    UriStr::new(text).is_ok()
}

/// RFC 3986 section 4.1: a URI, or what is one beside another URI.
pub(super) fn is_uri_reference(text: &str) -> bool {
    UriReferenceStr::new(text).is_ok()
}

/// RFC 3987 section 2.2: a URI that may hold characters beyond ASCII.
pub(super) fn is_iri(text: &str) -> bool {
    IriStr::new(text).is_ok()
}

/// RFC 3987 section 2.2.
pub(super) fn is_iri_reference(text: &str) -> bool {
    IriReferenceStr::new(text).is_ok()
}

/// RFC 1123 section 2.1: letters, digits and inner hyphens in labels of 1 to 63 characters.
pub(super) fn is_hostname(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// RFC 5321 section 4.1.2, `Mailbox`, with the size limits of section 4.5.3.1.
pub(super) fn is_email(text: &str) -> bool {
    // A quoted local part may hold an `@`, a domain never does.
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    local.len() <= 64
        && domain.len() <= 255
        && (is_dot_string(local) || is_quoted_string(local))
        && (is_hostname(domain) || is_address_literal(domain))
}

/// `Atom *("." Atom)`; the characters are `atext` of RFC 5322 section 3.2.3.
fn is_dot_string(local: &str) -> bool {
    let is_atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// `DQUOTE *QcontentSMTP DQUOTE`: printable ASCII, quotes and backslashes escaped.
fn is_quoted_string(local: &str) -> bool {
    let Some(content) = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return false;
    };
    let mut bytes = content.bytes();
    while let Some(byte) = bytes.next() {
        let printable = match byte {
            b'\\' => bytes.next(),
            b'"' => None,
            other => Some(other),
        };
        if !printable.is_some_and(|b| (0x20..=0x7e).contains(&b)) {
            return false;
        }
    }
    true
}

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]`; the general form has no registered tag beside IPv6.
fn is_address_literal(domain: &str) -> bool {
    let Some(address) = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    match address.split_at_checked(5) {
        Some((tag, v6)) if tag.eq_ignore_ascii_case("ipv6:") => v6.parse::<Ipv6Addr>().is_ok(),
        _ => address.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn emails() {
        for good in [
            "ada@example.com",
            "ada.lovelace+bills@mail.example.co.uk",
            "\"ada lovelace\"@example.com",
            "\"a@b\\\"c\"@example.com",
            "ada@localhost",
            "ada@[192.0.2.1]",
            "ada@[IPv6:2001:db8::1]",
        ] {
            assert!(is_email(good), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@exa mple.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..b@example.com",
            "ada@-example.com",
            "ada@example..com",
            "ada@[300.0.0.1]",
            "\"ada@example.com",
            "\"a\\\"@example.com",
            "\"@example.com",
            "Ada <ada@example.com>",
            "\u{e4}da@example.com",
            &long,
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn hostnames() {
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        for good in [
            "example",
            "www.example.com",
            "xn--4ca.example",
            "3com.example",
            &longest,
        ] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "example.",
            "-a.example",
            "a-.example",
            "a_b.example",
            &format!("{label}a"),
            &format!("{longest}a"),
        ] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }

    #[test]
    fn uris() {
        for good in [
            "https://example.com/a?b=c#d",
            "mailto:ada@example.com",
            "urn:isbn:0451450523",
            "http://[2001:db8::1]:80/",
            "s3://bucket/key%20with%20space",
        ] {
            assert!(is_uri(good), "{good}");
        }
        for bad in [
            "",
            "/relative",
            "example.com",
            "http://exa mple.com",
            "http://a/%zz",
            "1a:b",
        ] {
            assert!(!is_uri(bad), "{bad}");
        }
    }

    #[test]
    fn references() {
        for good in [
            "",
            "a",
            "../a",
            "//example.com/a",
            "?b",
            "#c",
            "https://example.com/",
        ] {
            assert!(is_uri_reference(good) && is_iri_reference(good), "{good}");
        }
        for bad in ["\\\\windows", "#a b", "a%zz", "http://[::1"] {
            assert!(!is_uri_reference(bad) && !is_iri_reference(bad), "{bad}");
        }
        assert!(is_iri_reference("\u{e4}?\u{4e2d}") && !is_uri_reference("\u{e4}"));
        assert!(is_iri("https://ex\u{e4}mple.com") && !is_iri("/\u{e4}"));
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,60}") {
            let _ = (is_email(&text), is_hostname(&text), is_uri(&text));
            let _ = (is_uri_reference(&text), is_iri(&text), is_iri_reference(&text));
        }

        #[test]
        fn a_hostname_makes_an_email(host in "[a-z0-9]([a-z0-9-]{0,5}[a-z0-9])?(\\.[a-z]{1,5}){0,3}") {
            prop_assert!(is_hostname(&host));
            let email = format!("ada@{host}");
            prop_assert!(is_email(&email));
        }
    }
}
