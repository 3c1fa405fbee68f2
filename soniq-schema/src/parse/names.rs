//! Names: of namespaces, tasks, types, and tasks on the wire.

use super::context::Context;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Location;

/// What a name must look like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// `[a-z][a-z0-9_]*`: a namespace, or the key of a task.
    Segment,
    /// `^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`: a task name on the wire.
    WireName,
    /// `[A-Za-z][A-Za-z0-9_]*`: the key of a type.
    TypeName,
}

impl Form {
    pub(super) fn admits(self, name: &str) -> bool {
        match self {
            Form::Segment => {
                name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            }
            Form::WireName => name.split('.').all(|segment| Form::Segment.admits(segment)),
            Form::TypeName => {
                name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            }
        }
    }

    fn help(self) -> &'static str {
        match self {
            Form::Segment => codes::BAD_NAME.help,
            Form::WireName => {
                "use lower-case letters, digits and underscores, in segments joined by dots, each \
                 beginning with a letter"
            }
            Form::TypeName => "use letters, digits and underscores, and begin with a letter",
        }
    }
}

/// Reports a name that does not have the form; `what` is what it would name.
pub(super) fn check(
    context: &mut Context<'_>,
    what: &str,
    name: &str,
    location: &Location,
    form: Form,
) -> bool {
    let good = form.admits(name);
    if !good {
        let message = format!("{name:?} cannot be the name of {what}");
        let diagnostic = Diagnostic::new(codes::BAD_NAME, message, location);
        context.report(diagnostic.help(form.help()));
    }
    good
}

/// A name under which rows may lie, and what of a contract claims it.
#[derive(Debug, Clone)]
pub(super) struct WireName {
    pub(super) name: String,
    pub(super) location: Location,
    /// `the task`, `an alias`, `a retired version`
    pub(super) claimed_by: &'static str,
}

/// Reports names that are claimed more than once, across all files.
pub(super) fn check_unique(context: &mut Context<'_>) {
    let mut names = std::mem::take(&mut context.wire_names);
    names.sort_by_key(|name| (name.location.file, name.location.range.start));
    for (index, name) in names.iter().enumerate() {
        let Some(first) = names[..index].iter().find(|first| first.name == name.name) else {
            continue;
        };
        let message = format!("the name {:?} is already taken", name.name);
        context.report(
            Diagnostic::new(codes::DUPLICATE_WIRE_NAME, message, &name.location)
                .label(format!("{} has this name on the wire", name.claimed_by))
                .secondary(
                    &first.location,
                    format!("{} has it first", first.claimed_by),
                ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_names() {
        let is_wire_name = |name| Form::WireName.admits(name);
        assert!(is_wire_name("billing.send_invoice.v2") && is_wire_name("a"));
        for bad in [
            "", ".", "a.", ".a", "a..b", "A.b", "a.1", "a-b", "a.b c", "\u{e4}",
        ] {
            assert!(!is_wire_name(bad), "{bad}");
        }
        let is_segment = |name| Form::Segment.admits(name);
        assert!(is_segment("send_invoice2") && !is_segment("a.b") && !is_segment("_a"));
        let is_type_name = |name| Form::TypeName.admits(name);
        assert!(is_type_name("Money_2") && !is_type_name("2Money") && !is_type_name("Mon-ey"));
    }
}
