//! Alternatives: by their tag where they have one, never by their position.

use super::view::View;
use super::{BREAKS_CODE, Claims, Diff};
use crate::compat::rules;
use crate::compat::writer::tag_value;
use crate::fingerprint::canonical;
use crate::json_schema::SchemaRef;

impl Diff<'_> {
    pub(super) fn union(&mut self, old: &View<'_>, new: &View<'_>) {
        let both = (old.schema, new.schema);
        let (was, is) = (old.branches(), new.branches());
        if was.is_empty() && is.is_empty() {
            return;
        }
        if was.is_empty() || is.is_empty() {
            let message = if is.is_empty() {
                "there are no alternatives any more"
            } else {
                "there are alternatives now"
            };
            let row = &rules::type_changed::ROW;
            return self.change(row, both, message.to_owned(), Claims::All, BREAKS_CODE);
        }
        match (old.tag(), new.tag()) {
            (Some(old_tag), Some(new_tag)) if old_tag == new_tag => {
                self.tagged(both, (&was, &is), old_tag);
            }
            // With one alternative left, the property is still the tag.
            (Some(tag), None) if is.iter().all(|branch| tag_value(*branch, tag).is_some()) => {
                self.tagged(both, (&was, &is), tag);
            }
            (None, Some(tag)) if was.iter().all(|branch| tag_value(*branch, tag).is_some()) => {
                self.tagged(both, (&was, &is), tag);
            }
            (None, None) => self.untagged(both, &was, &is),
            (old_tag, new_tag) => {
                let words = |tag: Option<&str>| {
                    tag.map_or_else(|| "none".to_owned(), |tag| format!("{tag:?}"))
                };
                let message = format!("the tag was {} and is {}", words(old_tag), words(new_tag));
                self.change(
                    &rules::tag_changed::ROW,
                    both,
                    message,
                    Claims::All,
                    BREAKS_CODE,
                );
            }
        }
    }

    fn tagged(
        &mut self,
        both: (SchemaRef<'_>, SchemaRef<'_>),
        (was, is): (&[SchemaRef<'_>], &[SchemaRef<'_>]),
        tag: &str,
    ) {
        let find = |branches: &[SchemaRef<'_>], value: Option<&str>| {
            branches
                .iter()
                .position(|branch| tag_value(*branch, tag) == value)
        };
        for branch in is {
            let value = tag_value(*branch, tag);
            match find(was, value) {
                Some(index) => self.place(was[index], *branch),
                None => self.branch(
                    both,
                    true,
                    &format!("with the {tag} {:?}", value.unwrap_or_default()),
                ),
            }
        }
        for branch in was {
            let value = tag_value(*branch, tag);
            if find(is, value).is_none() {
                self.branch(
                    both,
                    false,
                    &format!("with the {tag} {:?}", value.unwrap_or_default()),
                );
            }
        }
    }

    fn untagged(
        &mut self,
        both: (SchemaRef<'_>, SchemaRef<'_>),
        was: &[SchemaRef<'_>],
        is: &[SchemaRef<'_>],
    ) {
        let mut new: Vec<_> = is
            .iter()
            .map(|branch| (*branch, canonical(*branch)))
            .collect();
        let mut old: Vec<_> = was
            .iter()
            .map(|branch| (*branch, canonical(*branch)))
            .collect();
        old.retain(
            |(_, text)| match new.iter().position(|(_, other)| other == text) {
                Some(index) => {
                    new.remove(index);
                    false
                }
                None => true,
            },
        );
        // Of what is left, alternatives of one type are each other's successors.
        let kind = |branch: SchemaRef<'_>| View::of(branch).types();
        old.retain(|(before, _)| {
            let same = new
                .iter()
                .position(|(after, _)| kind(*after) == kind(*before));
            match same {
                Some(index) => {
                    let (after, _) = new.remove(index);
                    self.place(*before, after);
                    false
                }
                None => true,
            }
        });
        for (branch, _) in new {
            self.branch(both, true, &format!("of {}", kind(branch).join(" or ")));
        }
        for (branch, _) in old {
            self.branch(both, false, &format!("of {}", kind(branch).join(" or ")));
        }
    }

    fn branch(&mut self, both: (SchemaRef<'_>, SchemaRef<'_>), is_new: bool, which: &str) {
        let (row, message) = if is_new {
            (
                &rules::branch_added::ROW,
                format!("the alternative {which} is new"),
            )
        } else {
            (
                &rules::branch_removed::ROW,
                format!("the alternative {which} is gone"),
            )
        };
        self.change(row, both, message, Claims::All, BREAKS_CODE);
    }
}
