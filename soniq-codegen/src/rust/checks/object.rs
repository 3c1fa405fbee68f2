//! The keywords of objects.

use soniq_schema::json_schema::{Dialect, Keywords, SchemaId, SchemaRef};

use super::super::literal::{quoted, quoted_list};
use super::Checks;
use super::body::{Body, call, mentions};

impl<'a> Checks<'a> {
    /// All but `unevaluatedProperties`.
    pub(super) fn object(&self, schema: SchemaRef<'a>, observed: bool) -> Body {
        let keywords = &schema.node().keywords;
        let mut body = Body::default();
        let has_default = |name: &String| {
            self.scope.input.dialect == Dialect::Contract
                && keywords
                    .properties
                    .iter()
                    .any(|(key, id)| key == name && schema.at(*id).default_value().is_some())
        };
        let mut required = keywords
            .required
            .iter()
            .filter(|name| !has_default(name))
            .peekable();
        if required.peek().is_some() {
            let names = quoted_list(required);
            body.push(&format!("c.required(object, {names});"));
        }
        for (key, id) in &keywords.properties {
            let inner = self.within(*id);
            if !inner.is_empty() {
                body.push(&inner.inside(&format!("c.enter(object, {})", quoted(key))));
            }
        }
        self.pattern_properties(keywords, observed, &mut body);
        self.additional_properties(keywords, &mut body);
        if mentions(&body, "KEYS") {
            body.statics.push_str(&key_patterns(keywords));
        }
        if observed && keywords.additional_properties.is_some() {
            body.push("c.evaluates_all(object);");
        } else if observed && !keywords.properties.is_empty() {
            let declared = declared(keywords);
            body.push(&format!("c.evaluates(object, {declared});"));
        }
        body.limit("min_properties", "object", keywords.min_properties);
        body.limit("max_properties", "object", keywords.max_properties);
        if let Some(names) = keywords.property_names {
            let inner = self.within(names);
            if !inner.is_empty() {
                let arguments = ["object".to_owned(), self.branch(names)];
                body.push(&format!("{};", call("c.property_names", &arguments)));
            }
        }
        for (name, needed) in &keywords.dependent_required {
            let mut needed = needed.iter().filter(|one| !has_default(one)).peekable();
            if needed.peek().is_some() {
                let (name, needed) = (quoted(name), quoted_list(needed));
                body.push(&format!("c.dependent_required(object, {name}, {needed});"));
            }
        }
        body
    }

    /// `dependentSchemas`
    pub(super) fn dependent_schemas(&self, keywords: &Keywords) -> Body {
        let mut body = Body::default();
        for (name, id) in &keywords.dependent_schemas {
            let inner = self.within(*id);
            if !inner.is_empty() {
                let name = quoted(name);
                body.push(&format!("if object.contains_key({name}) {{\n{inner}}}"));
            }
        }
        body
    }

    fn pattern_properties(&self, keywords: &Keywords, observed: bool, body: &mut Body) {
        let patterns = &keywords.pattern_properties;
        let all_marked = keywords.additional_properties.is_some();
        for (index, one) in patterns.iter().enumerate() {
            let inner = self.within(one.schema);
            let mut each = Body::default();
            if !inner.is_empty() {
                each.push(&inner.inside("c.enter(object, key)"));
            }
            if observed && !all_marked {
                each.push("c.evaluates_property(key);");
            }
            if !each.is_empty() {
                body.push(&format!(
                    "for key in c.matching(object, &KEYS[{index}]) {{\n{each}}}"
                ));
            }
        }
    }

    fn additional_properties(&self, keywords: &Keywords, body: &mut Body) {
        let Some(additional) = keywords.additional_properties else {
            return;
        };
        let declared = declared(keywords);
        let patterns = if keywords.pattern_properties.is_empty() {
            "&[]"
        } else {
            "&KEYS"
        };
        let inner = self.within(additional);
        if self.schema(additional).boolean == Some(false) {
            body.push(&format!("c.no_additional(object, {declared}, {patterns});"));
        } else if !inner.is_empty() {
            let inner = inner.inside("c.enter(object, key)");
            body.push(&format!(
                "for key in c.additional(object, {declared}, {patterns}) {{\n{inner}\n}}"
            ));
        }
    }

    /// `unevaluatedProperties`
    pub(super) fn unevaluated_properties(&self, schema: SchemaId) -> Body {
        let mut body = Body::default();
        let inner = self.within(schema);
        if self.schema(schema).boolean == Some(false) {
            body.push("c.no_unevaluated(object);");
        } else if inner.is_empty() {
            body.push("c.evaluates_all(object);");
        } else {
            let inner = inner.inside("c.enter(object, key)");
            body.push(&format!("for key in c.unevaluated(object) {{\n{inner}\n}}"));
        }
        body
    }
}

/// The patterns of `patternProperties`.
fn key_patterns(keywords: &Keywords) -> String {
    let patterns = &keywords.pattern_properties;
    let regexes: Vec<String> = patterns
        .iter()
        .map(|one| format!("TextPattern::new({})", quoted(one.pattern.regex.as_str())))
        .collect();
    format!(
        "static KEYS: [TextPattern; {}] = [{}];\n",
        patterns.len(),
        regexes.join(", ")
    )
}

fn declared(keywords: &Keywords) -> String {
    quoted_list(keywords.properties.iter().map(|(key, _)| key))
}
