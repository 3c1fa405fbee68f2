//! A property that is called a time and may hold any text.

use super::site::Site;
use super::words::words;
use crate::diagnostic::{Diagnostic, codes};

/// Last words of the names of times.
const TIMES: &[&str] = &["date", "datetime", "time", "timestamp"];

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let name = site.property()?;
    let keywords = &site.schema.resolved().node().keywords;
    let is_any_text = keywords.types.is_some_and(|types| types.string)
        && keywords.format.is_none()
        && keywords.pattern.is_none()
        && keywords.constant.is_none()
        && keywords.enumeration.is_none();
    let words = words(name);
    let (last, before) = words.split_last()?;
    // `at` by itself may be a place.
    let is_time = TIMES.contains(&last.as_str()) || (last == "at" && !before.is_empty());
    if !is_any_text || !is_time {
        return None;
    }
    let message = format!("`{name}` is a time by its name, and any text by its schema");
    let at = &site.schema.key;
    Some(Diagnostic::new(
        codes::TIMESTAMP_WITHOUT_FORMAT,
        message,
        at,
    ))
}
