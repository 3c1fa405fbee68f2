//! Where the schemas of a file stand, what they are called there, and what refers to what.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use iri_string::types::{UriAbsoluteStr, UriReferenceStr};
use soniq_schema::json_text::{JsonNode, JsonValue};

use super::draft::{Dialect, Draft};
use super::keywords::{self, Kind};
use super::pointer::{child, escaped, member, members, steps, string, text};
use super::report::Report;

/// The base of a file that does not say where it lies.
const NOWHERE: &str = "file:///";

const BUNDLE: &str = "bring all schemas into one file first (most exporters can bundle), or put this file and \
     those that it names beside the contracts and refer to it there, as in `$ref = \"invoice.json\"`";

/// A schema with a URI of its own, below which `#` means it.
struct Resource {
    pointer: String,
    uri: String,
}

/// The schemas of a file.
pub(super) struct Index<'d> {
    root: &'d JsonNode,
    dialect: Dialect,
    /// By JSON pointer: each schema and the number of its resource.
    schemas: BTreeMap<String, (&'d JsonNode, usize)>,
    resources: Vec<Resource>,
    anchors: BTreeMap<(usize, String), String>,
    /// The pointers of schemas that stand where definitions do, in order.
    pub(super) definitions: Vec<String>,
    /// From the pointer of a schema to that of the schema which it refers to.
    targets: BTreeMap<String, String>,
    /// The schemas whose references are to be resolved.
    open: VecDeque<String>,
}

impl<'d> Index<'d> {
    /// Finds the schemas in and below those that `starts` point to, and all that they refer to.
    pub(super) fn new(
        root: &'d JsonNode,
        starts: &[(String, &'d JsonNode)],
        dialect: Dialect,
        report: &mut Report,
    ) -> Self {
        let mut index = Index {
            root,
            dialect,
            schemas: BTreeMap::new(),
            resources: vec![Resource {
                pointer: String::new(),
                uri: NOWHERE.to_owned(),
            }],
            anchors: BTreeMap::new(),
            definitions: Vec::new(),
            targets: BTreeMap::new(),
            open: VecDeque::new(),
        };
        for (pointer, node) in starts {
            index.add(pointer, node, 0, report);
        }
        while let Some(pointer) = index.open.pop_front() {
            index.resolve(&pointer, report);
        }
        index
    }

    /// The schema at a pointer.
    pub(super) fn schema(&self, pointer: &str) -> Option<&'d JsonNode> {
        self.schemas.get(pointer).map(|(node, _)| *node)
    }

    /// What the `$ref` of the schema at a pointer leads to.
    pub(super) fn target(&self, pointer: &str) -> Option<&str> {
        self.targets.get(pointer).map(String::as_str)
    }

    /// All that is referred to.
    pub(super) fn targets(&self) -> impl Iterator<Item = &str> {
        self.targets.values().map(String::as_str)
    }

    /// What is referred to by a schema and by all that it refers to in turn.
    pub(super) fn reachable(&self, from: &str) -> BTreeSet<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(pointer) = open.pop() {
            let below = format!("{pointer}/");
            let inside = self.targets.range(below.clone()..);
            let inside = inside
                .take_while(|(from, _)| from.starts_with(&below))
                .filter(|(from, _)| !self.is_definition_below(pointer, from));
            let own = self.targets.get_key_value(pointer);
            for (_, target) in own.into_iter().chain(inside) {
                if found.insert(target) {
                    open.push(target);
                }
            }
        }
        found
    }

    /// Whether the way from `outer` to `inner` leads through definitions.
    fn is_definition_below(&self, outer: &str, inner: &str) -> bool {
        let parts = inner[outer.len()..].match_indices('/').skip(1);
        let mut ends = parts.map(|(at, _)| outer.len() + at).chain([inner.len()]);
        ends.any(|end| self.is_definition(&inner[..end]))
    }

    /// Whether a schema stands where definitions do.
    pub(super) fn is_definition(&self, pointer: &str) -> bool {
        let container = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let Some((owner, keyword)) = container.rsplit_once('/') else {
            return false;
        };
        let is_container = keywords::kind(keyword) == Some(Kind::Definitions);
        (is_container && self.schemas.contains_key(owner)) || container == "/components/schemas"
    }

    fn add(&mut self, pointer: &str, node: &'d JsonNode, resource: usize, report: &mut Report) {
        if self.schemas.contains_key(pointer) {
            return;
        }
        let resource = self.identify(pointer, node, resource, report);
        self.schemas.insert(pointer.to_owned(), (node, resource));
        if self.is_definition(pointer) {
            self.definitions.push(pointer.to_owned());
        }
        if reference(node).is_some() {
            self.open.push_back(pointer.to_owned());
        }
        let is_lone = is_lone(node, self.dialect.draft);
        for (at, part) in keywords::children(pointer, node) {
            if !is_lone || self.is_definition(&at) {
                self.add(&at, part, resource, report);
            }
        }
    }

    /// Notes what a schema is called; the resource that it belongs to.
    fn identify(
        &mut self,
        pointer: &str,
        node: &JsonNode,
        resource: usize,
        report: &mut Report,
    ) -> usize {
        let draft = self.dialect.draft;
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = text(node, key) {
                self.anchor(resource, name, &child(pointer, key), pointer, report);
            }
        }
        let identity = draft.identity();
        let Some(id) = text(node, identity).filter(|_| !is_lone(node, draft)) else {
            return resource;
        };
        let at = child(pointer, identity);
        if let Some(name) = id.strip_prefix('#') {
            self.anchor(resource, name, &at, pointer, report);
            return resource;
        }
        let id = id.strip_suffix('#').unwrap_or(id);
        let Some(uri) = absolute(&self.resources[resource].uri, id) else {
            let help = "write a URI, or remove it";
            report.refuse(&at, format!("`{identity}` is not a URI: {id:?}"), help);
            return resource;
        };
        if !pointer.is_empty()
            && let Some(uri) = text(node, "$schema")
            && Draft::of_uri(uri) != Some(draft)
        {
            let message = "a schema in another dialect than the file around it";
            let help = "bring the file to one dialect";
            report.refuse(&child(pointer, "$schema"), message, help);
        }
        if pointer.is_empty() {
            self.resources[0].uri = uri;
            return 0;
        }
        if self.resources.iter().any(|known| known.uri == uri) {
            let message = format!("two schemas have the `{identity}` {id:?}");
            report.refuse(&at, message, "give one of them another");
        }
        self.resources.push(Resource {
            pointer: pointer.to_owned(),
            uri,
        });
        self.resources.len() - 1
    }

    fn anchor(
        &mut self,
        resource: usize,
        name: &str,
        at: &str,
        pointer: &str,
        report: &mut Report,
    ) {
        let key = (resource, name.to_owned());
        match self.anchors.get(&key) {
            Some(first) if first != pointer => {
                let message = format!("the anchor {name:?} is given twice");
                report.refuse(at, message, "give one of them another name");
            }
            _ => {
                self.anchors.insert(key, pointer.to_owned());
            }
        }
    }

    fn resolve(&mut self, pointer: &str, report: &mut Report) {
        let (node, resource) = self.schemas[pointer];
        let Some((keyword, value)) = reference(node) else {
            return;
        };
        let at = child(pointer, keyword);
        let Some(text) = string(value) else {
            report.refuse(&at, format!("`{keyword}` is not a string"), "name a schema");
            return;
        };
        if keyword != "$ref" && self.resources.len() > 1 {
            let message = format!("`{keyword}` in a file of several `$id`s");
            let help = "its target depends on who refers: write `$ref`";
            report.refuse(&at, message, help);
            return;
        }
        match self.find(text, resource) {
            Ok((target, node, resource)) => {
                self.targets.insert(pointer.to_owned(), target.clone());
                self.add(&target, node, resource, report);
            }
            Err((message, help)) => report.refuse(&at, message, help),
        }
    }

    /// The schema that a reference names, and its resource.
    fn find(
        &self,
        text: &str,
        resource: usize,
    ) -> Result<(String, &'d JsonNode, usize), (String, String)> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let outside = || {
            let message = format!("the reference {text:?} leads out of the file");
            (message, BUNDLE.to_owned())
        };
        let resource = if path.is_empty() {
            resource
        } else {
            let uri = absolute(&self.resources[resource].uri, path).ok_or_else(outside)?;
            let mut resources = self.resources.iter();
            let found = resources.position(|known| known.uri == uri);
            found.ok_or_else(outside)?
        };
        let unknown = || {
            let message = format!("the reference {text:?} names no schema");
            let help = self.suggestion(text);
            (message, help)
        };
        let fragment = percent_encoding::percent_decode_str(fragment).decode_utf8();
        let fragment = fragment.map_err(|_| unknown())?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{}{fragment}", self.resources[resource].pointer)
        } else {
            let key = (resource, fragment.into_owned());
            self.anchors.get(&key).ok_or_else(unknown)?.clone()
        };
        if self.dialect.is_openapi && pointer.is_empty() {
            let message = format!("the reference {text:?} names the whole document");
            return Err((message, "name one of its schemas".to_owned()));
        }
        if let Some((node, resource)) = self.schemas.get(&pointer) {
            return Ok((pointer, node, *resource));
        }
        let node = super::pointer::at(self.root, &pointer).ok_or_else(unknown)?;
        Ok((pointer, node, resource))
    }

    fn suggestion(&self, text: &str) -> String {
        let last = text.rsplit('/').next().unwrap_or(text).to_lowercase();
        let mut near = self.definitions.iter().filter(|pointer| {
            let name = steps(pointer).pop().unwrap_or_default();
            name.to_lowercase() == last
        });
        match near.next() {
            Some(pointer) => format!("did you mean `#{pointer}`?"),
            None => "write a JSON pointer to a schema of the file, or an anchor".to_owned(),
        }
    }
}

/// The schemas that are defined for others at the top of a file.
pub(super) fn components(root: &JsonNode) -> Vec<(String, &JsonNode)> {
    let schemas = member(root, "components").and_then(|node| member(node, "schemas"));
    let named = schemas.map(members).unwrap_or_default().iter();
    let at = |key: &str| format!("/components/schemas/{}", escaped(key));
    named.map(|one| (at(&one.key), &one.node)).collect()
}

/// The keyword of a schema that refers to another one, and its value.
pub(super) fn reference(node: &JsonNode) -> Option<(&'static str, &JsonNode)> {
    let mut keywords = ["$ref", "$recursiveRef", "$dynamicRef"].into_iter();
    keywords.find_map(|keyword| Some((keyword, member(node, keyword)?)))
}

/// Whether a schema is a `$ref` beside which nothing counts.
pub(super) fn is_lone(node: &JsonNode, draft: Draft) -> bool {
    let is_reference = member(node, "$ref").is_some_and(|node| {
        // A property may be called `$ref`.
        matches!(node.value, JsonValue::String(_))
    });
    is_reference && draft.has_lone_references()
}

/// A URI reference against its base; `None` if it is none.
fn absolute(base: &str, reference: &str) -> Option<String> {
    let base = UriAbsoluteStr::new(base).ok()?;
    let reference = UriReferenceStr::new(reference).ok()?;
    let resolved = reference.resolve_against(base);
    Some(resolved.to_string())
}
