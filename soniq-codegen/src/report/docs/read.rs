//! From contracts to what the catalogue says of them.

use soniq_schema::Contracts;
use soniq_schema::contract::{self, Contract};
use soniq_schema::json_schema::{Dialect, SchemaId};
use soniq_schema::source::Location;

use super::links::Links;
use super::page::{Catalogue, Namespace, Task, Type, Value};
use super::text::Anchor;
use super::{behaviour, example, fields};
use crate::shape::{Shapes, shape};

pub(super) fn catalogue(contracts: &Contracts) -> Catalogue {
    // Of names that collide the catalogue says what there is: it is not compiled.
    let (shapes, _) = shape(contracts, Dialect::default());
    let mut reader = Reader {
        contracts,
        shapes: &shapes,
        links: Links::new(contracts, &shapes),
    };
    reader.read()
}

struct Reader<'a> {
    contracts: &'a Contracts,
    shapes: &'a Shapes,
    links: Links<'a>,
}

/// The anchors of one task.
struct TaskAnchors {
    task: Anchor,
    args: Anchor,
    result: Option<Anchor>,
    /// By the order of `retired`.
    retired: Vec<Anchor>,
}

impl Reader<'_> {
    fn read(&mut self) -> Catalogue {
        let contracts = &self.contracts.contracts;
        let namespace = |(n, contract): (usize, &Contract), links: &mut Links<'_>| {
            links.anchor(n, &format!("namespace-{}", contract.namespace))
        };
        let anchors = contracts.iter().enumerate();
        let namespaces: Vec<Anchor> = anchors.map(|at| namespace(at, &mut self.links)).collect();
        // Every section is known before any is read, so that all may link to each other.
        let types: Vec<Vec<Anchor>> = contracts
            .iter()
            .enumerate()
            .map(|(n, contract)| self.type_anchors(n, contract))
            .collect();
        let tasks: Vec<Vec<TaskAnchors>> = contracts
            .iter()
            .enumerate()
            .map(|(n, contract)| {
                let tasks = contract.tasks.iter();
                tasks.map(|task| self.task_anchors(n, task)).collect()
            })
            .collect();

        let mut pages: Vec<Namespace> = Vec::new();
        let mut declared_types: Vec<Vec<SchemaId>> = Vec::new();
        for (n, contract) in contracts.iter().enumerate() {
            let read_tasks = contract.tasks.iter().zip(&tasks[n]).enumerate();
            let read_tasks = read_tasks
                .map(|(t, (task, anchors))| self.task((n, t), task, anchors))
                .collect();
            let read_types = contract.types.iter().zip(&types[n]);
            let read_types = read_types
                .map(|(shared, anchor)| {
                    self.shared(anchor, &shared.name, &shared.location, shared.schema)
                })
                .collect();
            declared_types.push(contract.types.iter().map(|shared| shared.schema).collect());
            pages.push(Namespace {
                anchor: namespaces[n].clone(),
                name: contract.namespace.clone(),
                owner: contract.owner.clone(),
                description: contract.description.clone(),
                declared: self.place(&contract.location),
                tasks: read_tasks,
                types: read_types,
            });
        }
        while let Some((id, anchor, name)) = self.links.next_found() {
            let location = &self.contracts.schemas.get(id).node().location;
            let found = self.shared(&anchor, &name, location, id);
            declared_types[anchor.namespace].push(id);
            pages[anchor.namespace].types.push(found);
        }
        // Only now are all references known.
        for (page, schemas) in pages.iter_mut().zip(&declared_types) {
            for (shared, schema) in page.types.iter_mut().zip(schemas) {
                shared.used_by = self.links.used_by(*schema);
            }
        }
        Catalogue { namespaces: pages }
    }

    fn type_anchors(&mut self, n: usize, contract: &Contract) -> Vec<Anchor> {
        let mut anchors = Vec::new();
        for shared in &contract.types {
            let id = format!("type-{}.{}", contract.namespace, shared.name);
            let anchor = self.links.anchor(n, &id);
            self.links.section(shared.schema, &anchor, &shared.name);
            anchors.push(anchor);
        }
        anchors
    }

    fn task_anchors(&mut self, n: usize, task: &contract::Task) -> TaskAnchors {
        let name = &task.name;
        let base = self.links.anchor(n, &format!("task-{name}"));
        let mut section = |schema: SchemaId, suffix: &str, title: String| {
            let anchor = self.links.anchor(n, &format!("{}-{suffix}", base.id));
            self.links.section(schema, &anchor, &title);
            anchor
        };
        let args = section(task.args, "args", format!("arguments of {name}"));
        let result = task
            .result
            .map(|result| section(result, "result", format!("result of {name}")));
        let retired = task.retired.iter().map(|old| {
            let suffix = format!("v{}", old.version);
            section(old.args, &suffix, format!("arguments of {}", old.name))
        });
        let retired = retired.collect();
        TaskAnchors {
            task: base,
            args,
            result,
            retired,
        }
    }

    fn task(&mut self, at: (usize, usize), task: &contract::Task, anchors: &TaskAnchors) -> Task {
        self.links.enter(&anchors.task, &task.name);
        let mut values = vec![self.value(&anchors.args, "Arguments".to_owned(), task.args)];
        if let Some((anchor, result)) = anchors.result.as_ref().zip(task.result) {
            values.push(self.value(anchor, "Result".to_owned(), result));
        }
        for (anchor, old) in anchors.retired.iter().zip(&task.retired) {
            let title = format!("Arguments of the retired {}", old.name);
            values.push(self.value(anchor, title, old.args));
        }
        let declared = self.place(&task.location);
        let args = self.contracts.schemas.get(task.args);
        let examples = task.examples.iter();
        Task {
            anchor: anchors.task.clone(),
            name: task.name.clone(),
            description: task.description.clone(),
            deprecated: task.deprecated.clone(),
            brief: [behaviour::queue(task), behaviour::schedule(task)],
            facts: behaviour::facts(task, &declared, soniq_schema::fingerprint(args)),
            values,
            examples: examples
                .map(|one| example::example(&task.name, &one.args))
                .collect(),
            rust: example::rust(self.shapes, at),
        }
    }

    fn value(&mut self, anchor: &Anchor, title: String, schema: SchemaId) -> Value {
        let schema = self.contracts.schemas.get(schema);
        Value {
            anchor: anchor.clone(),
            title,
            schema: fields::schema(schema, &mut self.links),
        }
    }

    fn shared(&mut self, anchor: &Anchor, name: &str, at: &Location, schema: SchemaId) -> Type {
        self.links.enter(anchor, name);
        let schema = self.contracts.schemas.get(schema);
        Type {
            anchor: anchor.clone(),
            name: name.to_owned(),
            declared: self.place(at),
            schema: fields::schema(schema, &mut self.links),
            used_by: Vec::new(),
        }
    }

    fn place(&self, location: &Location) -> String {
        self.contracts.sources.place(location)
    }
}
