//! From the text of a schema file to the text of a contract. Touches no file.

use soniq_schema::Diagnostic;
use soniq_schema::diagnostic::codes;
use soniq_schema::json_text::{self, JsonNode, JsonValue};
use soniq_schema::source::Sources;

use super::contract::Contract;
use super::convert::{Converter, type_reference};
use super::draft::{Dialect, dialect};
use super::index::{Index, components};
use super::keywords::{Kind, kind};
use super::model::{Json, Schema};
use super::names::{TypeNames, namespace};
use super::pointer::{members, string};
use super::report::Report;
use super::{pointer, repair, titles};
use crate::render::{Options, render};

/// How often a contract is mended before its problems are shown.
const MOST_REPAIRS: usize = 4;

/// What is to be imported.
pub(super) struct Request<'r> {
    /// The file's name without its folder.
    pub(super) file_name: &'r str,
    /// And without its extension.
    pub(super) stem: &'r str,
    pub(super) text: &'r str,
    pub(super) pointer: Option<&'r str>,
    /// Namespace and key.
    pub(super) task: Option<(&'r str, &'r str)>,
    /// The name of the contract, for diagnostics.
    pub(super) out_name: &'r str,
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) report: Report,
    /// What is wrong with the contract that would be written.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics speak of.
    pub(super) sources: Sources,
    /// The contract; `None` if anything was refused.
    pub(super) toml: Option<String>,
}

pub(super) fn import(request: &Request<'_>) -> Outcome {
    let mut report = Report::new(request.file_name);
    match convert(request, &mut report) {
        Some(contract) if report.problems() == 0 => finish(request, contract, report),
        _ => Outcome {
            report,
            diagnostics: Vec::new(),
            sources: Sources::default(),
            toml: None,
        },
    }
}

/// The contract as it is converted; `None` after a report.
fn convert(request: &Request<'_>, report: &mut Report) -> Option<Contract> {
    let text = request.text;
    let root = match json_text::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let before = text.get(..error.range.start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .map_or(0, |last| last.chars().count())
                + 1;
            let message = format!("line {line}, column {column}: {}", error.message);
            let help = "give a file of JSON; comments and trailing commas are not part of it";
            report.refuse("", message, help);
            return None;
        }
    };
    let dialect = dialect(&root, report)?;
    let start = start(request, &root, dialect, report)?;
    let starts = match start {
        Some((at, node)) => vec![(at.to_owned(), node)],
        None => components(&root),
    };
    let index = Index::new(&root, &starts, dialect, report);
    let start = start.filter(|(at, node)| speaks(&index, at, node));
    if request.task.is_some() && start.is_none() {
        report.refuse(
            "",
            "the root of the file is no schema of its own",
            choices(&index),
        );
        return None;
    }
    let (names, is_type) = name_types(request, &index, start, report);
    let mut converter = Converter {
        text,
        dialect,
        index: &index,
        names: &names,
        report,
    };
    let mut contract = Contract {
        source: request.file_name.to_owned(),
        namespace: request.task.map_or_else(
            || namespace(request.stem),
            |(namespace, _)| namespace.to_owned(),
        ),
        types: Vec::new(),
        task: None,
    };
    for at in &names.order {
        let name = names
            .get(at)
            .expect("what is in order has a name")
            .to_owned();
        contract.types.push((name, converter.whole(at)));
    }
    if let Some((at, _)) = start
        && let Some((_, key)) = request.task
    {
        let args = match names.get(at).filter(|_| is_type) {
            Some(name) => Schema::made(at, &[("$ref", Json::text(type_reference(name)))]),
            None => converter.whole(at),
        };
        contract.task = Some((key.to_owned(), args));
    }
    for (name, schema) in &mut contract.types {
        titles::drop_repeated(schema, Some(name), report);
    }
    if let Some((key, args)) = &mut contract.task {
        titles::drop_repeated(args, Some(key), report);
    }
    let mut roots: Vec<&mut Schema> = contract.roots().collect();
    titles::drop_ambiguous(&mut roots, names.taken(), report);
    Some(contract)
}

/// The schema to import: nothing but all components of an OpenAPI document if none is named.
/// `None` after a report.
#[expect(clippy::option_option, reason = "a refusal is not the lack of a root")]
fn start<'d, 'r: 'd>(
    request: &Request<'r>,
    root: &'d JsonNode,
    dialect: Dialect,
    report: &mut Report,
) -> Option<Option<(&'d str, &'d JsonNode)>> {
    let at = match request.pointer {
        None if dialect.is_openapi => {
            let components = components(root);
            if request.task.is_some() {
                let help = match components.first() {
                    Some((first, _)) => format!("name one by --pointer, such as {first}"),
                    None => "the document has no /components/schemas".to_owned(),
                };
                report.refuse("", "an OpenAPI document has many schemas", help);
                return None;
            }
            if components.is_empty() {
                let help = "name a schema by --pointer";
                report.refuse("", "the document has no /components/schemas", help);
                return None;
            }
            return Some(None);
        }
        at => at.unwrap_or_default(),
    };
    let Some(node) = pointer::at(root, at) else {
        let (parent, last) = at.rsplit_once('/').unwrap_or(("", at));
        let siblings = pointer::at(root, parent).map(members).unwrap_or_default();
        let names: Vec<&str> = siblings
            .iter()
            .map(|one| one.key.as_str())
            .take(12)
            .collect();
        let help = if names.is_empty() {
            "give a JSON pointer such as /components/schemas/Invoice".to_owned()
        } else {
            format!("there are: {}", names.join(", "))
        };
        report.refuse(at, format!("there is nothing called {last:?}"), help);
        return None;
    };
    Some(Some((at, node)))
}

/// Whether a schema says anything itself: more than that others are defined in it, and, where it
/// has no name of its own, more than which of them it is.
fn speaks(index: &Index<'_>, at: &str, node: &JsonNode) -> bool {
    if !matches!(node.value, JsonValue::Object(_)) {
        return true;
    }
    let is_silent = |key: &str| {
        let silent = ["$schema", "$id", "id", "$comment", "title", "description"];
        silent.contains(&key) || kind(key) == Some(Kind::Definitions)
    };
    let silent = members(node).iter().all(|member| is_silent(&member.key));
    !silent || index.definitions.is_empty() || index.is_definition(at)
}

fn choices(index: &Index<'_>) -> String {
    match index.definitions.as_slice() {
        [] => "name a schema by --pointer".to_owned(),
        all => {
            let first: Vec<&str> = all.iter().take(12).map(String::as_str).collect();
            format!(
                "name one of its definitions by --pointer: {}",
                first.join(", ")
            )
        }
    }
}

/// Names all types: the root, if it is one, then what is defined, then what else is referred to.
/// Tells whether the root is a type.
fn name_types(
    request: &Request<'_>,
    index: &Index<'_>,
    start: Option<(&str, &JsonNode)>,
    report: &mut Report,
) -> (TypeNames, bool) {
    let mut names = TypeNames::default();
    let reachable = start.map(|(at, _)| index.reachable(at));
    let is_referred_to = |at: &str| index.targets().any(|target| target == at);
    let mut is_type = false;
    if let Some((at, node)) = start {
        // A mere reference needs no second name.
        let is_alias = index.target(at).is_some()
            && members(node).iter().all(|member| {
                let is_text = string(&member.node).is_some();
                (is_text && member.key.starts_with('$'))
                    || kind(&member.key) == Some(Kind::Definitions)
            });
        is_type = is_referred_to(at) || (request.task.is_none() && !is_alias);
        if is_type {
            names.add_root(index, at, request.stem, report);
        }
    }
    // The file as a whole, or one schema of it with what it needs.
    let is_wanted = |at: &str| {
        request.pointer.is_none_or(str::is_empty)
            || reachable.as_ref().is_none_or(|found| found.contains(at))
    };
    for at in index.definitions.iter().filter(|at| is_wanted(at)) {
        names.add_target(index, at, report);
    }
    let others: std::collections::BTreeSet<&str> =
        index.targets().filter(|at| is_wanted(at)).collect();
    for at in others {
        names.add_target(index, at, report);
    }
    (names, is_type)
}

/// Loads the contract and writes its Rust, as a build would.
fn finish(request: &Request<'_>, mut contract: Contract, mut report: Report) -> Outcome {
    let description = contract.task_description(&mut report);
    let mut repairs = 0;
    loop {
        let toml = contract.to_toml(description.as_deref());
        let loaded = soniq_schema::load_sources([(request.out_name.to_owned(), toml.clone())]);
        let contracts = &loaded.contracts;
        let is_ok = loaded.is_ok();
        let mut diagnostics = loaded.diagnostics;
        repairs += 1;
        let may_mend = repairs <= MOST_REPAIRS;
        if !is_ok {
            if may_mend && repair::drop_misfits(&mut contract, contracts, &diagnostics, &mut report)
            {
                continue;
            }
            if let Some((_, args)) = &contract.task {
                let is_it = |one: &Diagnostic| one.code == codes::ARGS_NOT_AN_OBJECT;
                if diagnostics.iter().any(is_it) {
                    diagnostics.retain(|one| !is_it(one));
                    let help = "say `\"type\": \"object\"` if it means objects; else import it without \
                                --task and let a property of the args be of its type";
                    let message = "the args of a task are an object, and this schema admits others";
                    report.refuse(&args.from, message, help);
                }
            }
        } else if let Err(problems) = render(contracts, &Options::default()) {
            if may_mend && repair::tell_apart(&mut contract, contracts, &problems, &mut report) {
                continue;
            }
            diagnostics.extend(problems);
        }
        return Outcome {
            report,
            diagnostics,
            sources: loaded.contracts.sources,
            toml: Some(toml),
        };
    }
}
