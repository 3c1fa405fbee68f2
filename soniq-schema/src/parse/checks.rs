//! What is checked once every schema of every file is there.

use super::context::{Context, Pending};
use super::json::Json;
use super::suggest::nearest;
use super::{names, schema, template};
use crate::contract::{Contract, Template, TemplatePart};
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::json_schema::{SchemaId, SchemaRef, evaluate};
use crate::source::Location;

pub(super) fn run(context: &mut Context<'_>, contracts: &mut [Contract]) {
    // First: what follows walks along `$ref`s.
    schema::cut_cycles(context);
    schema::resolve_aliases(context);
    names::check_unique(context);
    check_namespaces(context, contracts);
    for pending in std::mem::take(&mut context.pending) {
        match pending {
            Pending::Value {
                schema,
                json,
                code,
                what,
            } => check_value(context, schema, &json, code, &what),
            Pending::Default { schema, json } => check_default(context, schema, &json),
            Pending::Template {
                args,
                template,
                location,
            } => check_template(context, args, &template, &location),
            Pending::Required {
                schema,
                name,
                location,
            } => check_required(context, schema, &name, &location),
            Pending::Args {
                args,
                location,
                reserved,
            } => check_args(context, args, &location, &reserved),
        }
    }
}

/// Sorts contracts by namespace and reports one that is declared twice.
fn check_namespaces(context: &mut Context<'_>, contracts: &mut [Contract]) {
    contracts.sort_by(|a, b| (&a.namespace, a.file).cmp(&(&b.namespace, b.file)));
    for pair in contracts.windows(2) {
        let [first, second] = pair else { continue };
        if first.namespace == second.namespace {
            let message = format!("the namespace {:?} is declared twice", second.namespace);
            context.report(
                Diagnostic::new(codes::DUPLICATE_NAMESPACE, message, &second.location)
                    .label("declared again")
                    .secondary(&first.location, "declared first"),
            );
        }
    }
}

fn check_value(
    context: &mut Context<'_>,
    schema: SchemaId,
    json: &Json,
    code: &'static Code,
    what: &str,
) {
    for violation in evaluate(context.schemas.get(schema), &json.value) {
        let part = match violation.pointer.as_str() {
            "" => "it",
            pointer => pointer,
        };
        let message = format!("{what}: {part} {} ({})", violation.message, violation.rule);
        let place = json.place_of(&violation.pointer).clone();
        context.report(Diagnostic::new(code, message, &place).label(violation.message));
    }
}

/// Drops a default that does not fit: filled in, it would be refused.
fn check_default(context: &mut Context<'_>, schema: SchemaId, json: &Json) {
    let violations = evaluate(context.schemas.get(schema), &json.value);
    let Some(violation) = violations.into_iter().next() else {
        return;
    };
    context.schemas.node_mut(schema).keywords.default = None;
    let message = format!("the default is not used: {violation}");
    let place = json.place_of(&violation.pointer).clone();
    let diagnostic = Diagnostic::new(codes::UNUSED_DEFAULT, message, &place);
    context.report(diagnostic.label(violation.message));
}

fn check_template(
    context: &mut Context<'_>,
    args: SchemaId,
    template: &Template,
    location: &Location,
) {
    for part in &template.parts {
        let TemplatePart::Field(path) = part else {
            continue;
        };
        if let Err(reason) = template::check_field(context.schemas.get(args), path) {
            let message = format!("the template cannot use `{{{}}}`: {reason}", path.join("."));
            let place = field_place(context, location, path);
            context.report(Diagnostic::new(codes::BAD_TEMPLATE_FIELD, message, &place));
        }
    }
}

/// Where in the template's text the field stands, if it stands there as it reads.
fn field_place(context: &Context<'_>, location: &Location, path: &[String]) -> Location {
    let field = format!("{{{}}}", path.join("."));
    let text = &context.sources.get(location.file).text;
    let found = text
        .get(location.range.clone())
        .and_then(|text| text.find(&field));
    let Some(offset) = found else {
        return location.clone();
    };
    let start = location.range.start + offset;
    Location {
        file: location.file,
        range: start..start + field.len(),
    }
}

/// JSON Schema lets an object require what it does not declare. It is taken for a slip where no
/// object could have the property, or where a declared one that is not required has nearly its name.
fn check_required(context: &mut Context<'_>, schema: SchemaId, name: &str, location: &Location) {
    let schema = context.schemas.get(schema);
    if template::property(schema, name).is_some() {
        return;
    }
    let keywords = &schema.node().keywords;
    if let Some((_, present)) = keywords.renames.iter().find(|(old, _)| old == name) {
        let message = format!("the required property {name:?} is read as {present:?}");
        let diagnostic = Diagnostic::new(codes::UNDECLARED_REQUIRED, message, location);
        let help = format!("require {present:?}, which an object with the older name has as well");
        return context.report(diagnostic.help(help));
    }
    let mut patterns = keywords.pattern_properties.iter();
    if patterns.any(|property| property.pattern.regex.is_match(name)) {
        return;
    }
    let additional = keywords.additional_properties;
    let closed = additional.is_some_and(|id| schema.at(id).boolean == Some(false));
    let optional: Vec<&str> = template::always_applied(schema)
        .into_iter()
        .flat_map(|schema| &schema.node().keywords.properties)
        .map(|(declared, _)| declared.as_str())
        .filter(|declared| !keywords.required.iter().any(|name| name == declared))
        .collect();
    let near = nearest(name, &optional);
    if !closed && near.is_none() {
        return;
    }
    let message = format!("the required property {name:?} is not declared");
    let diagnostic = Diagnostic::new(codes::UNDECLARED_REQUIRED, message, location);
    let diagnostic = match near {
        Some(near) => diagnostic.help(format!("did you mean {near:?}? Else declare it")),
        None => diagnostic,
    };
    context.report(diagnostic);
}

fn check_args(
    context: &mut Context<'_>,
    args: SchemaId,
    location: &Location,
    reserved: &[(String, Location)],
) {
    let schema = context.schemas.get(args);
    if is_object(schema, &context.untyped) == Some(false) {
        let message = "the args are not an object";
        let diagnostic = Diagnostic::new(codes::ARGS_NOT_AN_OBJECT, message, &schema.location)
            .secondary(location, "of this task");
        context.report(diagnostic);
    }
    for (name, declared) in reserved {
        let Some((property, _)) = template::property(context.schemas.get(args), name) else {
            continue;
        };
        let message = format!("the property `{name}` is reserved");
        let diagnostic = Diagnostic::new(codes::RESERVED_PROPERTY, message, &property.location)
            .label("used here")
            .secondary(declared, "reserved here");
        context.report(diagnostic);
    }
}

/// Whether the schema, or what its `$ref`, `allOf` or all alternatives name, admits objects only;
/// `None` if that could not be read, which was reported.
fn is_object(schema: SchemaRef<'_>, untyped: &[SchemaId]) -> Option<bool> {
    if untyped.contains(&schema.id) {
        return None;
    }
    let keywords = &schema.node().keywords;
    if let Some(types) = keywords.types {
        return Some(types.object && types.names().count() == 1);
    }
    let mut unknown = false;
    let mut is = |id: &SchemaId| {
        let answer = is_object(schema.at(*id), untyped);
        unknown |= answer.is_none();
        answer == Some(true)
    };
    let all_of_it = keywords
        .reference
        .iter()
        .chain(&keywords.all_of)
        .any(&mut is);
    let alternatives = [&keywords.any_of, &keywords.one_of];
    let each = alternatives
        .into_iter()
        .any(|branches| !branches.is_empty() && branches.iter().all(&mut is));
    if all_of_it || each {
        return Some(true);
    }
    (!unknown).then_some(false)
}
