//! What a lock file knows of a place: the piece of the canonical schema that was there.

use serde_json::Value;

/// The part of a canonical schema at the place that a finding's pointer names, on one line: what to
/// quote where the old contract itself is not at hand.
///
/// None where no part of its own is there: the place lies in one of several alternatives, or the
/// pointer is that of the task as a whole.
///
/// ```
/// use soniq_codegen::report::compat::recorded;
///
/// let args = r#"{"properties":{"name":{"maxLength":80,"type":"string"}},"type":"object"}"#;
/// let was = recorded(args, "/args/name").unwrap();
/// assert_eq!(was, r#"{"maxLength":80,"type":"string"}"#);
/// assert_eq!(recorded(args, "/args/other"), None);
/// ```
pub fn recorded(canonical: &str, pointer: &str) -> Option<String> {
    let root: Value = serde_json::from_str(canonical).ok()?;
    let mut steps = pointer.strip_prefix('/')?.split('/');
    // `args` or `result`: which of them, the caller has chosen.
    steps.next()?;
    let mut schema = referred(&root, &root)?;
    for step in steps {
        let name = step.replace("~1", "/").replace("~0", "~");
        schema = referred(&root, part(schema, &name)?)?;
    }
    Some(schema.to_string())
}

fn part<'a>(schema: &'a Value, step: &str) -> Option<&'a Value> {
    let property = schema.get("properties").and_then(|all| all.get(step));
    if step != "*" {
        return property;
    }
    let each = ["items", "additionalProperties"];
    each.iter().find_map(|keyword| schema.get(keyword))
}

/// What a `$ref` that says nothing else leads to. A schema beside which more is said is left as it is.
fn referred<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    // A chain that is longer than there are schemas is a circle.
    for _ in 0..32 {
        let Some(pointer) = schema.get("$ref").and_then(Value::as_str) else {
            return Some(schema);
        };
        schema = root.pointer(pointer.strip_prefix('#')?)?;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

    use super::recorded;

    #[test]
    fn places_are_found_in_what_is_recorded() {
        let text = r##"
            edition = "2026"
            namespace = "a"
            [types.Node]
            type = "object"
            properties.next = { "$ref" = "#/types/Node" }
            properties."a/b~c" = { type = "array", items = { type = "integer", maximum = 3 } }
            [tasks.t]
            version = 1
            args.type = "object"
            args.properties.first = { "$ref" = "#/types/Node" }
            args.properties.other = { "$ref" = "#/types/Node" }
        "##;
        let loaded = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]);
        assert!(loaded.is_ok());
        let contracts = loaded.contracts;
        let args = contracts.schemas.get(contracts.contracts[0].tasks[0].args);
        let canonical = soniq_schema::canonical(args);
        for pointer in [
            "/args/first/a~1b~0c/*",
            "/args/other/next/next/next/a~1b~0c/*",
        ] {
            let was = recorded(&canonical, pointer).unwrap();
            assert_eq!(was, r#"{"maximum":3,"type":"integer"}"#, "{pointer}");
        }
        for pointer in ["", "/args/nothing", "/args/first/*"] {
            assert_eq!(recorded(&canonical, pointer), None, "{pointer}");
        }
        assert_eq!(recorded("{", "/args"), None);
        let circle = r##"{"$defs":{"a":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}"##;
        assert_eq!(recorded(circle, "/args"), None);
    }
}
