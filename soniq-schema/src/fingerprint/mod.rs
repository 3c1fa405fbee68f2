//! Fingerprints: one text for all spellings of a schema, and its SHA-256.
//!
//! The canonical form is JSON Schema again. Two schemas have the same one if they differ in nothing
//! but annotations, the order of keys, of `required` and of `enum`, keywords that say nothing
//! (`minLength: 0`), the spelling of numbers (`1.0`), and in which parts stand under `[types]`.
//! `x-aliases` count: an older name that is read changes what a reader accepts.
//!
//! The last of these is where the work is. Every schema that can be reached is a state; states that
//! admit the same walk are merged by refining a partition until it is stable. What is merged,
//! reached more than once and has parts of its own becomes a numbered entry of `$defs`, everything
//! else is written in place. So a recursive type has a canonical form as well, and a type that is
//! used a thousand times is written once.

mod body;
mod graph;
mod writer;

use std::fmt::Write as _;

use crate::json_schema::SchemaRef;
use graph::Graph;
use writer::Writer;

/// The canonical form of a schema: JSON on one line, keys sorted.
///
/// ```
/// let text = r##"
///     edition = "2026"
///     namespace = "a"
///     [types.Id]
///     type = "string"
///     format = "uuid"
///     [tasks.t]
///     version = 1
///     [tasks.t.args]
///     type = "object"
///     description = "Prose is left out."
///     properties.id = { "$ref" = "#/types/Id" }
/// "##;
/// let contracts = soniq_schema::load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
/// let args = contracts.schemas.get(contracts.contracts[0].tasks[0].args);
/// assert_eq!(
///     soniq_schema::canonical(args),
///     r#"{"properties":{"id":{"format":"uuid","type":"string"}},"type":"object"}"#
/// );
/// ```
pub fn canonical(schema: SchemaRef<'_>) -> String {
    let graph = Graph::reachable_from(schema);
    let classes = graph.classes();
    Writer::new(&graph, &classes).document().to_string()
}

/// SHA-256 of the [`canonical`] form, as 64 lower-case hexadecimal digits.
pub fn fingerprint(schema: SchemaRef<'_>) -> String {
    digest(&canonical(schema))
}

/// SHA-256 of a canonical schema, as [`fingerprint`] spells it.
pub(crate) fn digest(canonical: &str) -> String {
    let digest = hmac_sha256::Hash::hash(canonical.as_bytes());
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::load_sources;

    /// The canonical form of the args of the task `t` in a contract with these types and args.
    fn canonical_of(types: &str, args: &str) -> String {
        let text = format!(
            "edition = '2026'\nnamespace = 'a'\n{types}\n[tasks.t]\nversion = 1\n[tasks.t.args]\n{args}"
        );
        let loaded = load_sources([("a.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
        let contracts = &loaded.contracts;
        canonical(contracts.schemas.get(contracts.contracts[0].tasks[0].args))
    }

    const INLINE: &str = "
        type = 'object'
        required = ['a', 'b']
        properties.a = { type = 'string', enum = ['x', 'y'], default = 'x' }
        properties.b = { type = 'array', items = { type = 'integer', minimum = 1 } }";

    #[test]
    fn older_names_are_the_propertys() {
        let types = "types.Id = { type = 'string' }";
        let by_reference = "properties.id = { '$ref' = '#/types/Id', x-aliases = ['b', 'a'] }";
        let inline = "properties.id = { type = 'string', x-aliases = ['a', 'b'] }";
        let text = canonical_of(types, &format!("type = 'object'\n{by_reference}"));
        assert_eq!(
            text,
            canonical_of("", &format!("type = 'object'\n{inline}"))
        );
        assert_eq!(
            text,
            r#"{"properties":{"id":{"type":"string","x-aliases":["a","b"]}},"type":"object"}"#
        );
        let any = "type = 'object'\nproperties = { a = { x-aliases = ['b'] }, n = { '$ref' = '#/types/No', x-aliases = ['m'] } }";
        assert_eq!(
            canonical_of("types.No = false", any),
            r#"{"properties":{"a":{"x-aliases":["b"]},"n":{"allOf":[false],"x-aliases":["m"]}},"type":"object"}"#
        );
        let without = canonical_of("", "type = 'object'\nproperties.id = { type = 'string' }");
        assert_ne!(text, without);
    }

    #[test]
    fn spelling_does_not_matter() {
        let expected = canonical_of("", INLINE);
        let reordered = "
            description = 'Prose.'
            required = ['b', 'a']
            properties.b = { items = { minimum = 1.0, type = ['integer'], title = 'N' }, type = 'array', minItems = 0, uniqueItems = false }
            properties.a = { default = 'x', examples = ['y'], enum = ['y', 'x'], type = 'string', deprecated = true }
            additionalProperties = true
            type = 'object'";
        assert_eq!(canonical_of("", reordered), expected);
    }

    #[test]
    fn inlining_does_not_matter() {
        let types = "
            [types]
            A = { type = 'string', enum = ['x', 'y'] }
            N = { '$ref' = '#/types/M', description = 'Prose.' }
            M = { type = 'integer', minimum = 1 }";
        let referring = "
            type = 'object'
            required = ['a', 'b']
            properties.a = { '$ref' = '#/types/A', default = 'x' }
            properties.b = { type = 'array', items = { '$ref' = '#/types/N' } }";
        assert_eq!(canonical_of(types, referring), canonical_of("", INLINE));
    }

    #[test]
    fn unrolling_a_recursive_type_does_not_matter() {
        let types = "
            [types.Tree]
            type = 'object'
            properties.children = { type = 'array', items = { '$ref' = '#/types/Tree' } }";
        let rolled = canonical_of(
            types,
            "type = 'object'\nproperties.root = { '$ref' = '#/types/Tree' }",
        );
        let unrolled = canonical_of(
            types,
            "type = 'object'\nproperties.root = { type = 'object', properties = { children = { type = 'array', items = { '$ref' = '#/types/Tree' } } } }",
        );
        assert_eq!(rolled, unrolled);
        insta::assert_snapshot!(rolled, @r##"{"$defs":{"0":{"properties":{"children":{"items":{"$ref":"#/$defs/0"},"type":"array"}},"type":"object"}},"properties":{"root":{"$ref":"#/$defs/0"}},"type":"object"}"##);
    }

    #[test]
    fn what_is_used_often_is_written_once() {
        // Each type uses the next one twice: written in place, this would be 2^40 copies.
        let mut types = String::from("[types]\nT40 = { type = 'string' }\n");
        for n in 0..40 {
            let next = n + 1;
            let _ = writeln!(
                types,
                "T{n} = {{ type = 'object', properties = {{ a = {{ '$ref' = '#/types/T{next}' }}, b = {{ '$ref' = '#/types/T{next}' }} }} }}"
            );
        }
        let text = canonical_of(
            &types,
            "type = 'object'\nproperties.x = { '$ref' = '#/types/T0' }",
        );
        assert!(text.len() < 10_000, "{} bytes", text.len());
    }

    #[test]
    fn every_rule_matters() {
        let texts = [
            INLINE.to_owned(),
            INLINE.replace("minimum = 1", "minimum = 2"),
            INLINE.replace("minimum = 1", "exclusiveMinimum = 1"),
            INLINE.replace("'a', 'b'", "'a'"),
            INLINE.replace("default = 'x'", "default = 'y'"),
            INLINE.replace("default = 'x'", "x-open = true"),
            INLINE.replace("'x', 'y'", "'x', 'z'"),
            INLINE.replace("properties.b", "additionalProperties = false\nproperties.b"),
            INLINE.replace("'integer'", "'number'"),
            INLINE.replace("type = 'array'", "type = ['array', 'null']"),
            INLINE.replace("type = 'array'", "type = 'array', uniqueItems = true"),
        ];
        let mut forms: Vec<_> = texts.iter().map(|text| canonical_of("", text)).collect();
        forms.sort();
        forms.dedup();
        assert_eq!(forms.len(), texts.len());
    }

    #[test]
    fn a_fingerprint_is_the_hash_of_the_canonical_form() {
        let text = "edition = '2026'\nnamespace = 'a'\n[types]\nA = true";
        let contracts = load_sources([("a.toml".to_owned(), text.to_owned())]).contracts;
        let schema = contracts
            .schemas
            .get(contracts.contracts[0].types[0].schema);
        assert_eq!(canonical(schema), "true");
        assert_eq!(
            fingerprint(schema),
            // printf true | sha256sum
            "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"
        );
    }
}
