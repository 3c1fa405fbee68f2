//! Texts that are of a format.

/// Texts of each format, the plainest first.
pub(super) const OF_FORMAT: &[(&str, &[&str])] = &[
    (
        "uuid",
        &[
            "00000000-0000-0000-0000-000000000000",
            "3F0C9A52-7d3e-4a57-9a55-0d7d3c7f1a11",
        ],
    ),
    (
        "date-time",
        &["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00"],
    ),
    ("date", &["2020-01-01"]),
    ("time", &["00:00:00Z"]),
    ("duration", &["P1D", "PT1S"]),
    ("email", &["a@example.com", "a@b"]),
    ("uri", &["https://example.com/", "a:"]),
    ("uri-reference", &["a", "https://example.com/", ""]),
    ("uri-template", &["a", "{a}"]),
    ("iri", &["https://example.com/\u{e4}", "a:"]),
    ("iri-reference", &["\u{e4}", "a"]),
    ("json-pointer", &["/a", ""]),
    ("relative-json-pointer", &["0", "1/a"]),
    ("ipv4", &["127.0.0.1"]),
    ("ipv6", &["::1"]),
    ("hostname", &["example.com", "a"]),
];
