//! Enums of strings: values that an open one does not know, and what all of them have in common.

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
}

/// For generated decoders: a text that is none of the listed ones.
pub fn unknown_value(text: String) -> UnknownValue {
    UnknownValue(text)
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives a generated enum of strings its text forms: `Display`, `Serialize` and `Deserialize`.
///
/// The enum has `as_str(&self) -> &str` and `from_wire(String) -> Result<Self, String>`, whose error
/// is the text back.
#[doc(hidden)]
#[macro_export]
macro_rules! __string_enum {
    ($name:ident) => {
        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                let text =
                    <::std::string::String as $crate::__private::serde::Deserialize>::deserialize(
                        deserializer,
                    )?;
                Self::from_wire(text).map_err(|text| {
                    $crate::__private::serde::de::Error::custom(::core::format_args!(
                        "{text:?} is not among the listed values"
                    ))
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    #[derive(Debug, PartialEq)]
    enum Level {
        Low,
    }

    impl Level {
        fn as_str(&self) -> &str {
            match self {
                Level::Low => "low",
            }
        }

        fn from_wire(text: String) -> Result<Self, String> {
            match text.as_str() {
                "low" => Ok(Level::Low),
                _ => Err(text),
            }
        }
    }

    crate::__string_enum!(Level);

    #[test]
    fn an_enum_is_its_text() {
        assert_eq!(serde_json::to_string(&Level::Low).unwrap(), r#""low""#);
        assert_eq!(
            serde_json::from_str::<Level>(r#""low""#).unwrap(),
            Level::Low
        );
        assert_eq!(format!("{:>4}", Level::Low), " low");
        let error = serde_json::from_str::<Level>(r#""high""#).unwrap_err();
        assert!(
            error
                .to_string()
                .contains(r#""high" is not among the listed values"#),
            "{error}"
        );
    }
}
