//! What can be wrong with a sound contract: that its Rust would not compile, or would promise more
//! than the runtime keeps.

use soniq_schema::source::Location;

/// One reason why a contract cannot be written out as Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    /// What is wrong.
    pub(crate) message: String,
    /// Where.
    pub(crate) location: Location,
    /// The other place, where two do not agree.
    pub(crate) other: Option<Location>,
}

/// The kinds of [`Problem`], each with a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Two keys of a contract give one Rust name.
    NameCollision,
    /// A key that the runtime does not act on yet.
    NotEnforced,
    /// A default that the Rust type of its schema cannot hold.
    DefaultDoesNotFit,
    /// A dedup key with a field that has no text.
    KeyWithoutText,
}

impl Kind {
    /// The code under which the problem is reported.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Kind::NameCollision => "E080",
            Kind::NotEnforced => "E081",
            Kind::DefaultDoesNotFit => "E082",
            Kind::KeyWithoutText => "E083",
        }
    }

    /// How to mend it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Kind::NameCollision => {
                "give one of them another name; a nested type takes its name from `title`"
            }
            Kind::NotEnforced => "remove it: workers of this release would not keep to it",
            Kind::DefaultDoesNotFit => "a default must fit the schema that it stands in",
            Kind::KeyWithoutText => "a key is made of required strings, integers and booleans",
        }
    }
}
