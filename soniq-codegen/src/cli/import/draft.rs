//! The dialects that are read, and how a file says which one it is in.

use soniq_schema::json_text::{JsonNode, JsonValue};

use super::pointer::{child, member, text};
use super::report::Report;

/// A dialect, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    Four,
    /// JSON Schema as OpenAPI 3.0 changed it.
    OpenApi30,
    Six,
    Seven,
    Of2019,
    Of2020,
}

impl Draft {
    /// The draft's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Draft::Four => "draft-04",
            Draft::OpenApi30 => "OpenAPI 3.0",
            Draft::Six => "draft-06",
            Draft::Seven => "draft-07",
            Draft::Of2019 => "draft 2019-09",
            Draft::Of2020 => "draft 2020-12",
        }
    }

    /// The draft that `$schema` names.
    pub(super) fn of_uri(uri: &str) -> Option<Draft> {
        let uri = uri.strip_suffix('#').unwrap_or(uri);
        let name = uri
            .strip_prefix("http://json-schema.org/")
            .or_else(|| uri.strip_prefix("https://json-schema.org/"))?;
        Some(match name {
            "draft-04/schema" => Draft::Four,
            "draft-06/schema" => Draft::Six,
            "draft-07/schema" => Draft::Seven,
            "draft/2019-09/schema" => Draft::Of2019,
            "draft/2020-12/schema" => Draft::Of2020,
            _ => return None,
        })
    }

    /// Whether what stands beside a `$ref` says nothing.
    pub(super) fn has_lone_references(self) -> bool {
        self < Draft::Of2019
    }

    /// The keyword that gives a schema its URI.
    pub(super) fn identity(self) -> &'static str {
        match self {
            Draft::Four => "id",
            _ => "$id",
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    /// Whether schemas are but a part of the file.
    pub(super) is_openapi: bool,
}

/// What the file says of itself; `None` after a report.
pub(super) fn dialect(root: &JsonNode, report: &mut Report) -> Option<Dialect> {
    if let Some(version) = text(root, "openapi") {
        return openapi(root, version, report);
    }
    if member(root, "swagger").is_some() {
        let help = "convert the document to OpenAPI 3.1 first";
        report.refuse("/swagger", "Swagger 2.0 is not read", help);
        return None;
    }
    let draft = match member(root, "$schema").map(|node| &node.value) {
        None => {
            if matches!(root.value, JsonValue::Object(_)) {
                report.note(
                    "",
                    "there is no `$schema`: the file is read as draft 2020-12",
                );
            }
            Draft::Of2020
        }
        Some(JsonValue::String(uri)) => known(uri, "/$schema", report)?,
        Some(_) => {
            report.refuse("/$schema", "`$schema` is not a string", HELP);
            return None;
        }
    };
    let is_openapi = false;
    Some(Dialect { draft, is_openapi })
}

fn openapi(root: &JsonNode, version: &str, report: &mut Report) -> Option<Dialect> {
    let draft = if version == "3.0" || version.starts_with("3.0.") {
        Draft::OpenApi30
    } else if version == "3.1" || version.starts_with("3.1.") || version.starts_with("3.2.") {
        match text(root, "jsonSchemaDialect") {
            // The dialect of OpenAPI itself is 2020-12 with a few annotations.
            Some(uri) if !uri.starts_with("https://spec.openapis.org/oas/3.") => {
                known(uri, &child("", "jsonSchemaDialect"), report)?
            }
            _ => Draft::Of2020,
        }
    } else {
        let message = format!("OpenAPI {version:?} is not read");
        report.refuse(
            "/openapi",
            message,
            "convert the document to OpenAPI 3.1 first",
        );
        return None;
    };
    let is_openapi = true;
    Some(Dialect { draft, is_openapi })
}

const HELP: &str = "draft-04, draft-06, draft-07, 2019-09 and 2020-12 are read";

fn known(uri: &str, pointer: &str, report: &mut Report) -> Option<Draft> {
    let draft = Draft::of_uri(uri);
    if draft.is_none() {
        report.refuse(pointer, format!("the dialect {uri:?} is not known"), HELP);
    }
    draft
}
