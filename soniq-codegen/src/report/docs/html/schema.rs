//! What a schema says, in HTML: the whole value in words, its parts in a table.

use maud::{Markup, html};

use super::super::page::{Field, Schema};
use super::super::text::{Anchor, Text};
use super::{prose, text};

/// The table is named by the heading before it.
pub(super) fn described(schema: &Schema, heading: &Anchor) -> Markup {
    html! {
        @for words in &schema.prose { (prose(Some(words))) }
        p {
            (text(&schema.kind))
            @if !schema.rules.is_empty() {
                ": " (text(&Text::joined(schema.rules.iter().cloned(), "; ")))
            }
        }
        @if !schema.fields.is_empty() {
            // What scrolls must be reached by the keyboard too.
            div.table role="region" tabindex="0" aria-labelledby=(heading.id) {
                table {
                    thead {
                        tr {
                            @for column in ["Field", "Type", "Presence", "Rules", "Description"] {
                                th scope="col" { (column) }
                            }
                        }
                    }
                    tbody {
                        @for field in &schema.fields { "\n" (row(field)) }
                    }
                }
            }
        }
    }
}

fn row(field: &Field) -> Markup {
    html! {
        tr {
            th scope="row" { code { (field.path) } }
            td { (text(&field.kind)) }
            td { (text(&field.presence)) }
            td { (text(&Text::joined(field.rules.iter().cloned(), "; "))) }
            td { @for words in &field.prose { (prose(Some(words))) } }
        }
    }
}
