//! The contract that an import gives, and its text.

use toml_edit::{DocumentMut, Item, Table, value};

use super::layout::insert;
use super::model::{Json, Keyword, Keywords, Schema};
use super::report::Report;

/// A contract of types and at most one task.
#[derive(Debug)]
pub(super) struct Contract {
    /// The name of the file that it comes from.
    pub(super) source: String,
    pub(super) namespace: String,
    /// In the order of the file.
    pub(super) types: Vec<(String, Schema)>,
    /// The task's key and its arguments.
    pub(super) task: Option<(String, Schema)>,
}

impl Contract {
    /// Every schema that has a name of its own.
    pub(super) fn roots(&mut self) -> impl Iterator<Item = &mut Schema> {
        let types = self.types.iter_mut().map(|(_, schema)| schema);
        types.chain(self.task.iter_mut().map(|(_, args)| args))
    }

    /// What describes the arguments describes the task.
    fn description(args: &Keywords) -> Option<&str> {
        match args.get("description") {
            Some(Keyword::Literal(Json::String(text))) => Some(text),
            _ => None,
        }
    }

    /// Moves the description of the arguments to the task.
    pub(super) fn task_description(&mut self, report: &mut Report) -> Option<String> {
        let (_, args) = self.task.as_mut()?;
        let text = Self::description(args.keywords()?)?.to_owned();
        let at = format!("{}/description", args.from);
        args.keywords_mut()?.remove("description");
        report.note(&at, "the `description` is the task's");
        Some(text)
    }

    /// The text of the file.
    pub(super) fn to_toml(&self, description: Option<&str>) -> String {
        let mut document = DocumentMut::new();
        document["edition"] = value("2026");
        document["namespace"] = value(self.namespace.as_str());
        if !self.types.is_empty() {
            let mut types = Table::new();
            types.set_implicit(true);
            for (name, schema) in &self.types {
                insert(&mut types, name, schema, true);
            }
            document.insert("types", Item::Table(types));
        }
        if let Some((key, args)) = &self.task {
            let mut task = Table::new();
            task["version"] = value(1);
            if let Some(text) = description {
                task["description"] = value(text);
            }
            insert(&mut task, "args", args, false);
            let mut tasks = Table::new();
            tasks.set_implicit(true);
            tasks.insert(key, Item::Table(task));
            document.insert("tasks", Item::Table(tasks));
        }
        // A control character would end the comment, or the file's being TOML.
        let source: String = self.source.chars().filter(|c| !c.is_control()).collect();
        format!("# Imported from {source} by `soniq-codegen import`.\n\n{document}")
    }
}
