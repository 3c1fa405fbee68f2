//! Names that are not written as the language's own are.

use heck::ToSnakeCase as _;

use super::site::{Role, Site};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(site: &Site<'_>) -> Option<Diagnostic> {
    let (message, help) = match site.role {
        Role::Property(name) => {
            let snake = name.to_snake_case();
            // A leading underscore is often there to make a name different.
            if name.trim_start_matches('_') == snake {
                return None;
            }
            let help = match snake.as_str() {
                "" => codes::NAME_CASE.help.to_owned(),
                snake => format!(
                    "write `{snake}`, with `x-aliases = [{name:?}]` for rows that have the old name, and deploy consumers first"
                ),
            };
            (format!("the property `{name}` is not in snake_case"), help)
        }
        Role::Type(name) => {
            // Not by `heck`, which would have `IBAN` be `Iban`.
            if name.starts_with(char::is_uppercase) && !name.contains('_') {
                return None;
            }
            let camel = heck::AsUpperCamelCase(name);
            let help = format!("write `{camel}`, here and in every `$ref`");
            (format!("the type `{name}` is not in UpperCamelCase"), help)
        }
        Role::Part => return None,
    };
    Some(Diagnostic::new(codes::NAME_CASE, message, &site.schema.key).help(help))
}
