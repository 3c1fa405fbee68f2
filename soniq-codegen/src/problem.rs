//! What can be wrong with a sound contract: that its Rust would not compile.
//!
//! E102 was raised for keys that the runtime did not act on; there are none left.

use soniq_schema::diagnostic::{Code, Diagnostic, Label, Severity};
use soniq_schema::source::Location;

/// Two keys of a contract give one Rust name.
pub const NAME_COLLISION: &Code = &Code {
    id: "E101",
    title: "two names of a contract give the same Rust name",
    help: "give one of them another name; a nested type takes its name from `title`",
    severity: Severity::Error,
};

/// A default or constant that the Rust type of its schema cannot hold.
pub const VALUE_DOES_NOT_FIT: &Code = &Code {
    id: "E103",
    title: "a default or constant does not fit the Rust type of its property",
    help: "write a value that fits its schema and does not, by the defaults in it, contain itself",
    severity: Severity::Error,
};

/// A dedup key with a field that Rust holds as any JSON, which has no one text.
pub const KEY_WITHOUT_TEXT: &Code = &Code {
    id: "E104",
    title: "a key names a field that has no type of its own in Rust",
    help: "name a field of one `type`: string, integer or boolean",
    severity: Severity::Error,
};

/// A namespace was asked for that no contract declares.
pub const UNKNOWN_NAMESPACE: &Code = &Code {
    id: "E105",
    title: "no contract declares the namespace that was asked for",
    help: "name a namespace of the contracts folder",
    severity: Severity::Error,
};

/// A property that tags the variants of an enum has `x-aliases`.
pub const RENAMED_TAG: &Code = &Code {
    id: "E106",
    title: "the property that tells alternatives apart has older names",
    help: "drop `x-aliases` there: a tag under another name makes other rows, so bump the version and retire the old one",
    severity: Severity::Error,
};

/// Every code of this crate, ascending.
pub const ALL: &[&Code] = &[
    NAME_COLLISION,
    VALUE_DOES_NOT_FIT,
    KEY_WITHOUT_TEXT,
    UNKNOWN_NAMESPACE,
    RENAMED_TAG,
];

/// A diagnostic of this crate at a place of a contract.
pub(crate) fn at(code: &'static Code, message: String, location: &Location) -> Diagnostic {
    Diagnostic {
        location: Some(location.clone()),
        ..of_run(code, message)
    }
}

/// A diagnostic of this crate that no file is to blame for.
pub(crate) fn of_run(code: &'static Code, message: String) -> Diagnostic {
    Diagnostic {
        code,
        message,
        location: None,
        label: String::new(),
        secondary: Vec::new(),
        help: code.help.to_owned(),
    }
}

/// Names the place that came first, if it is another one.
pub(crate) fn with_first(mut diagnostic: Diagnostic, first: &Location) -> Diagnostic {
    if diagnostic.location.as_ref() != Some(first) {
        diagnostic.secondary.push(Label {
            location: first.clone(),
            text: "the other one".to_owned(),
        });
    }
    diagnostic
}
