//! Types, listed values, bounds and conditions.

use serde_json::{Number, Value};

use super::view::View;
use super::{BREAKS_CODE, Claims, Diff, QUIET};
use crate::compat::finding::Level;
use crate::compat::rules;
use crate::fingerprint::canonical;
use crate::json_schema::{Keywords, SchemaId};

/// Formats that values have a Rust type for.
const TYPED: [&str; 3] = ["uuid", "date-time", "date"];

type OfNumber = for<'k> fn(&'k Keywords) -> Option<&'k Number>;
type OfCount = fn(&Keywords) -> Option<u64>;

/// Bounds of numbers: the keyword, how it is read, whether it is an upper one.
const NUMBERS: &[(&str, OfNumber, bool)] = &[
    ("minimum", |k| k.minimum.as_ref(), false),
    ("exclusiveMinimum", |k| k.exclusive_minimum.as_ref(), false),
    ("maximum", |k| k.maximum.as_ref(), true),
    ("exclusiveMaximum", |k| k.exclusive_maximum.as_ref(), true),
];

/// Bounds of lengths.
const COUNTS: &[(&str, OfCount, bool)] = &[
    ("minLength", |k| k.min_length, false),
    ("maxLength", |k| k.max_length, true),
    ("minItems", |k| k.min_items, false),
    ("maxItems", |k| k.max_items, true),
    ("minProperties", |k| k.min_properties, false),
    ("maxProperties", |k| k.max_properties, true),
];

/// What a change of a bound accounts for.
const BOUNDS: Claims = Claims::Keywords(&[
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "format",
]);

impl Diff<'_> {
    pub(super) fn types(&mut self, old: &View<'_>, new: &View<'_>) {
        let both = (old.schema, new.schema);
        let null = Claims::Keywords(&["type", "anyOf", "oneOf", "enum", "const"]);
        match (old.is_nullable, new.is_nullable) {
            (false, true) if !old.types().is_empty() || !old.branches().is_empty() => {
                let message = "null is allowed now".to_owned();
                self.change(&rules::null_allowed::ROW, both, message, null, BREAKS_CODE);
            }
            (true, false) => {
                let message = "null is forbidden now".to_owned();
                self.change(
                    &rules::null_forbidden::ROW,
                    both,
                    message,
                    null,
                    BREAKS_CODE,
                );
            }
            _ => {}
        }
        let (was, is) = (old.types(), new.types());
        let covers = |wide: &[&str], narrow: &[&str]| {
            wide.is_empty()
                || !narrow.is_empty()
                    && narrow.iter().all(|one| {
                        wide.contains(one) || *one == "integer" && wide.contains(&"number")
                    })
        };
        let words = |types: &[&str]| match types {
            [] => "any type".to_owned(),
            types => types.join(" or "),
        };
        if was != is {
            let message = format!("the type was {} and is {}", words(&was), words(&is));
            if covers(&is, &was) {
                let lossy =
                    was.contains(&"integer") && is.contains(&"number") && !is.contains(&"integer");
                let mut levels = BREAKS_CODE;
                let mut message = message;
                if lossy {
                    levels[0] = Level::Warning;
                    message.push_str("; a float is exact up to 2^53 only");
                }
                self.change(
                    &rules::type_widened::ROW,
                    both,
                    message,
                    Claims::All,
                    levels,
                );
            } else if covers(&was, &is) {
                self.change(
                    &rules::type_narrowed::ROW,
                    both,
                    message,
                    Claims::All,
                    BREAKS_CODE,
                );
            } else {
                self.change(
                    &rules::type_changed::ROW,
                    both,
                    message,
                    Claims::All,
                    BREAKS_CODE,
                );
            }
            return;
        }
        self.format(old, new, &was);
    }

    fn format(&mut self, old: &View<'_>, new: &View<'_>, types: &[&str]) {
        let both = (old.schema, new.schema);
        let (was, is) = (old.format(), new.format());
        if was == is {
            return;
        }
        let words = |format: Option<&str>| {
            format.map_or_else(|| "none".to_owned(), |one| format!("{one:?}"))
        };
        let message = format!("the format was {} and is {}", words(was), words(is));
        let width = |format: Option<&str>| soniq_rules::integer_width(format.unwrap_or("int64"));
        if types == ["integer"]
            && let (Some(was), Some(is)) = (width(was), width(is))
        {
            if was == is {
                return;
            }
            let claims = Claims::Keywords(&["format", "type", "minimum", "maximum"]);
            let row = if is.start() <= was.start() && was.end() <= is.end() {
                &rules::type_widened::ROW
            } else if was.start() <= is.start() && is.end() <= was.end() {
                &rules::type_narrowed::ROW
            } else {
                &rules::type_changed::ROW
            };
            return self.change(row, both, message, claims, BREAKS_CODE);
        }
        let is_typed = [was, is]
            .into_iter()
            .flatten()
            .any(|format| TYPED.contains(&format));
        let (row, levels) = match (was, is) {
            (None, Some(_)) if !is_typed => (&rules::constraint_tightened::ROW, QUIET),
            (Some(_), None) if !is_typed => (&rules::constraint_loosened::ROW, QUIET),
            _ => (
                &rules::type_changed::ROW,
                if is_typed { BREAKS_CODE } else { QUIET },
            ),
        };
        self.change(row, both, message, Claims::Keywords(&["format"]), levels);
    }

    pub(super) fn values(&mut self, old: &View<'_>, new: &View<'_>) {
        self.listed(old, new);
        self.bounds(old, new);
        self.logic(old, new);
    }

    fn listed(&mut self, old: &View<'_>, new: &View<'_>) {
        const LISTED: Claims = Claims::Keywords(&["enum", "const"]);
        let both = (old.schema, new.schema);
        let ((was, was_open), (is, is_open)) = match (old.listed(), new.listed()) {
            (Some(was), Some(is)) => (was, is),
            (None, None) => return,
            (None, Some(_)) => {
                let message = "the values are listed now".to_owned();
                return self.change(
                    &rules::type_narrowed::ROW,
                    both,
                    message,
                    LISTED,
                    BREAKS_CODE,
                );
            }
            (Some(_), None) => {
                let message = "the values are no longer listed".to_owned();
                return self.change(
                    &rules::type_widened::ROW,
                    both,
                    message,
                    LISTED,
                    BREAKS_CODE,
                );
            }
        };
        let beyond = |these: &[Value], those: &[Value]| -> Vec<String> {
            let new = these
                .iter()
                .filter(|value| !those.iter().any(|one| soniq_rules::equal(one, value)));
            new.filter(|value| !value.is_null())
                .map(ToString::to_string)
                .collect()
        };
        let added = beyond(&is, &was);
        if !added.is_empty() {
            let message = format!("the values {} are new", added.join(", "));
            self.change(
                &rules::enum_value_added::ROW,
                both,
                message,
                LISTED,
                BREAKS_CODE,
            );
        }
        let removed = beyond(&was, &is);
        if !removed.is_empty() {
            let message = format!("the values {} are gone", removed.join(", "));
            let levels = [Level::Warning, Level::Safe, Level::Breaking];
            let row = &rules::enum_value_removed::ROW;
            self.change(row, both, message, LISTED, levels);
        }
        match (was_open, is_open) {
            (false, true) => {
                let message = "values that are not listed are accepted now".to_owned();
                self.change(&rules::enum_opened::ROW, both, message, LISTED, BREAKS_CODE);
            }
            (true, false) => {
                let message = "values that are not listed are refused now".to_owned();
                self.change(&rules::enum_closed::ROW, both, message, LISTED, BREAKS_CODE);
            }
            _ => {}
        }
    }

    fn bounds(&mut self, old: &View<'_>, new: &View<'_>) {
        let mut moved: Vec<(bool, String)> = Vec::new();
        for (keyword, get, upper) in NUMBERS {
            let (was, is) = (old.number(get, *upper), new.number(get, *upper));
            let tightens = match (was, is) {
                (Some(was), Some(is)) => match soniq_rules::compare(was, is) {
                    std::cmp::Ordering::Equal => continue,
                    order => order.is_gt() == *upper,
                },
                (None, None) => continue,
                (was, _) => was.is_none(),
            };
            moved.push((tightens, words(keyword, was, is)));
        }
        for (keyword, get, upper) in COUNTS {
            let (was, is) = (old.count(get, *upper), new.count(get, *upper));
            // A minimum of nothing says nothing.
            let says = |bound: Option<u64>| bound.filter(|bound| *upper || *bound > 0);
            let (was, is) = (says(was), says(is));
            let tightens = match (was, is) {
                (was, is) if was == is => continue,
                (Some(was), Some(is)) => (is < was) == *upper,
                (was, _) => was.is_none(),
            };
            moved.push((tightens, words(keyword, was, is)));
        }
        let unique = |view: &View<'_>| {
            view.parts
                .iter()
                .any(|part| part.node().keywords.unique_items)
        };
        if unique(old) != unique(new) {
            let what = if unique(new) {
                "must differ now"
            } else {
                "may be equal now"
            };
            moved.push((unique(new), format!("items {what}")));
        }
        for tightens in [true, false] {
            let of_kind = moved.iter().filter(|(kind, _)| *kind == tightens);
            let texts: Vec<_> = of_kind.map(|(_, text)| text.as_str()).collect();
            if texts.is_empty() {
                continue;
            }
            let row = if tightens {
                &rules::constraint_tightened::ROW
            } else {
                &rules::constraint_loosened::ROW
            };
            self.change(
                row,
                (old.schema, new.schema),
                texts.join("; "),
                BOUNDS,
                QUIET,
            );
        }
    }

    /// What only a proof can judge.
    fn logic(&mut self, old: &View<'_>, new: &View<'_>) {
        let mut names = Vec::new();
        for (name, of_old, of_new) in logic(old)
            .into_iter()
            .zip(logic(new))
            .map(|((name, old), (_, new))| (name, old, new))
        {
            if of_old != of_new {
                names.push(format!("`{name}`"));
            }
        }
        if names.is_empty() {
            return;
        }
        let message = match names.as_slice() {
            [one] => format!("{one} is another one now"),
            several => format!("{} are others now", several.join(", ")),
        };
        let row = &rules::logic_changed::ROW;
        self.change(row, (old.schema, new.schema), message, Claims::All, QUIET);
    }
}

fn words(keyword: &str, was: Option<impl ToString>, is: Option<impl ToString>) -> String {
    let text = |bound: Option<String>| bound.unwrap_or_else(|| "none".to_owned());
    let (was, is) = (
        was.map(|one| one.to_string()),
        is.map(|one| one.to_string()),
    );
    format!("`{keyword}` was {} and is {}", text(was), text(is))
}

/// Keywords with all that they say, in one spelling.
fn logic(view: &View<'_>) -> Vec<(&'static str, Vec<String>)> {
    let schemas = |get: &dyn Fn(&Keywords) -> Vec<SchemaId>| -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for part in &view.parts {
            let ids = get(&part.node().keywords);
            all.extend(ids.into_iter().map(|id| canonical(part.at(id))));
        }
        all.sort();
        all
    };
    let texts = |get: &dyn Fn(&Keywords) -> Option<String>| -> Vec<String> {
        let mut all: Vec<String> = view
            .parts
            .iter()
            .filter_map(|part| get(&part.node().keywords))
            .collect();
        all.sort();
        all
    };
    let named = |named: &[(String, SchemaId)], view: &View<'_>| {
        let mut all: Vec<_> = named
            .iter()
            .map(|(name, id)| format!("{name} {}", canonical(view.schema.at(*id))))
            .collect();
        all.sort();
        (!all.is_empty()).then(|| all.join("\n"))
    };
    vec![
        (
            "pattern",
            texts(&|k| k.pattern.as_ref().map(|pattern| pattern.source.clone())),
        ),
        (
            "multipleOf",
            texts(&|k| {
                k.multiple_of.as_ref().map(|number| {
                    let text = number.to_string();
                    text.strip_suffix(".0").unwrap_or(&text).to_owned()
                })
            }),
        ),
        ("not", schemas(&|k| k.not.into_iter().collect())),
        (
            "if",
            schemas(&|k| k.condition.iter().map(|one| one.test).collect()),
        ),
        (
            "then",
            schemas(&|k| k.condition.iter().filter_map(|one| one.then).collect()),
        ),
        (
            "else",
            schemas(&|k| k.condition.iter().filter_map(|one| one.otherwise).collect()),
        ),
        ("contains", schemas(&|k| k.contains.into_iter().collect())),
        (
            "minContains",
            texts(&|k| k.min_contains.map(|count| count.to_string())),
        ),
        (
            "maxContains",
            texts(&|k| k.max_contains.map(|count| count.to_string())),
        ),
        (
            "propertyNames",
            schemas(&|k| k.property_names.into_iter().collect()),
        ),
        (
            "dependentRequired",
            texts(&|k| {
                let mut all: Vec<_> = k
                    .dependent_required
                    .iter()
                    .map(|(name, needed)| {
                        let mut needed = needed.clone();
                        needed.sort();
                        format!("{name} {}", needed.join(" "))
                    })
                    .collect();
                all.sort();
                (!all.is_empty()).then(|| all.join("\n"))
            }),
        ),
        (
            "dependentSchemas",
            texts(&|k| named(&k.dependent_schemas, view)),
        ),
        (
            "patternProperties",
            texts(&|k| {
                let patterns = k.pattern_properties.iter();
                let all: Vec<_> = patterns
                    .map(|one| (one.pattern.source.clone(), one.schema))
                    .collect();
                named(&all, view)
            }),
        ),
        (
            "unevaluatedItems",
            schemas(&|k| k.unevaluated_items.into_iter().collect()),
        ),
    ]
}
