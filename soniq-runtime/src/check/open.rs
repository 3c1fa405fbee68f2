//! Values of open enums that this build does not know.

use std::fmt;

/// A string that is not among the values which an open enum (`x-open = true`) lists.
///
/// It is only made by decoding, so code cannot match on a value that a later contract will name:
/// once the contract lists it, it decodes as that variant and no longer as this one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnknownValue(String);

impl UnknownValue {
    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For generated decoders.
    #[doc(hidden)]
    pub fn __new(text: String) -> Self {
        UnknownValue(text)
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
