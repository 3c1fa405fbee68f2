//! Waivers of compatibility findings: `[[tasks.send_invoice.compat.allow]]`.

use super::context::Context;
use super::table::Table;
use crate::contract::Waiver;
use crate::diagnostic::{Diagnostic, codes};

/// Keys of a waiver.
pub(super) const KEYS: [&str; 5] = ["rule", "path", "reason", "owner", "expires"];

/// Keys of `compat`.
pub(super) const COMPAT_KEYS: &[&str] = &["allow"];

pub(super) fn read(context: &mut Context<'_>, table: &Table<'_>) -> Vec<Waiver> {
    let Some(compat) = table.get("compat").and_then(|entry| entry.table(context)) else {
        return Vec::new();
    };
    compat.check_keys(context, COMPAT_KEYS, "`compat`");
    let items = compat.get("allow").and_then(|entry| entry.array(context));
    let mut waivers = Vec::new();
    for item in items.unwrap_or_default() {
        match item.table() {
            Some(table) => waivers.extend(read_waiver(context, &table)),
            None => item.wrong_type(context, "allow", "an array of tables"),
        }
    }
    waivers
}

/// A waiver is complete or none: a finding is not waived by half.
fn read_waiver(context: &mut Context<'_>, table: &Table<'_>) -> Option<Waiver> {
    table.check_keys(context, &KEYS, "a waiver");
    let mut texts = KEYS.map(|key| {
        let text = table.text(context, key);
        if table.get(key).is_none() || text.as_deref() == Some("") {
            let message = format!("the waiver has no `{key}`");
            let at = table
                .get(key)
                .map_or(&table.location, |entry| &entry.key_location);
            context.report(Diagnostic::new(codes::BAD_WAIVER, message, at));
            return None;
        }
        text
    });
    let [rule, path, reason, owner, expires] = texts.each_mut().map(Option::take);
    let expires = expires?;
    if !soniq_rules::format_matches("date", &expires) {
        let message = format!("{expires:?} is not a date");
        let at = table
            .get("expires")
            .map_or(&table.location, |entry| &entry.key_location);
        context.report(Diagnostic::new(codes::BAD_WAIVER, message, at));
        return None;
    }
    Some(Waiver {
        location: table.location.clone(),
        rule: rule?,
        path: path?,
        reason: reason?,
        owner: owner?,
        expires,
    })
}
