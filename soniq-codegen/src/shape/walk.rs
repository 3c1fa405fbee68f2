//! From schemas to shapes: one walk over all contracts.

use std::collections::{BTreeMap, BTreeSet};

use soniq_schema::contract::{Contracts, Task};
use soniq_schema::diagnostic::Diagnostic;
use soniq_schema::json_schema::{Dialect, SchemaId, SchemaRef};
use soniq_schema::source::Location;

use super::claims::Claims;
use super::homes::{Home, homes};
use super::keywords::{is_nullable_struct, single_type, string_values};
use super::names::{snake, type_name, unraw};
use super::object::Parts;
use super::schema::wrapped;
use super::union::Branches;
use super::{Enum, Item, ItemId, ItemKind, Module, Shape, Shapes, Struct, TaskShapes};
use super::{reach, recursion};

/// The shapes of all contracts, and what stands in the way of writing them out.
pub(crate) fn shape(contracts: &Contracts, dialect: Dialect) -> (Shapes, Vec<Diagnostic>) {
    let mut walk = Walk {
        contracts,
        dialect,
        shapes: Shapes::default(),
        names: Claims::default(),
        homes: BTreeMap::new(),
        open: Vec::new(),
    };
    walk.modules();
    walk.shared_types();
    walk.tasks();
    walk.checks();
    recursion::break_cycles(&mut walk.shapes);
    (walk.shapes, walk.names.problems)
}

pub(super) struct Walk<'a> {
    contracts: &'a Contracts,
    pub(super) dialect: Dialect,
    pub(super) shapes: Shapes,
    pub(super) names: Claims,
    /// Where the types of `$ref` targets are declared.
    homes: BTreeMap<SchemaId, Home>,
    /// The schemas whose shape is being found, outermost first.
    pub(super) open: Vec<SchemaId>,
}

/// Where a type stands, and the path of keys that names it if it has no title.
pub(super) struct Place {
    pub(super) module: Module,
    path: Vec<String>,
}

impl Place {
    pub(super) fn child(&self, key: &str) -> Place {
        let mut path = self.path.clone();
        // A key may be empty; a type's name is not that of the one around it all the same.
        path.push(if key.is_empty() { "empty" } else { key }.to_owned());
        Place {
            module: self.module,
            path,
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn schema(&self, id: SchemaId) -> SchemaRef<'a> {
        self.contracts.schemas.get(id)
    }

    /// Names the modules first: their names do not depend on types.
    fn modules(&mut self) {
        for (n, contract) in self.contracts.contracts.iter().enumerate() {
            let key = &contract.namespace;
            // The module of `mod` would lie in the file of all modules.
            let name = match snake(key).as_str() {
                "r#mod" => "mod_".to_owned(),
                name => name.to_owned(),
            };
            let name = self.names.claim(None, name, key, &contract.location);
            self.shapes.namespace_modules.push(name);
            let mut tasks = Vec::new();
            for task in &contract.tasks {
                let module = Some(Module::Namespace(n));
                tasks.push(
                    self.names
                        .claim(module, snake(&task.key), &task.key, &task.location),
                );
            }
            self.shapes.task_modules.push(tasks);
        }
    }

    /// Gives every shared type its item before any schema is walked, so that types may refer to
    /// each other whatever their order.
    ///
    /// A type that is a mere `$ref` to what has no name, such as a JSON file, is that very type.
    /// Where several name one target, the first is the type and the others are aliases of it.
    fn shared_types(&mut self) {
        let types = self.contracts.contracts.iter().flat_map(|one| &one.types);
        let mut taken: BTreeSet<SchemaId> = types.map(|shared| shared.schema).collect();
        let mut declared = Vec::new();
        for (n, contract) in self.contracts.contracts.iter().enumerate() {
            for shared in &contract.types {
                let module = Module::Namespace(n);
                let key = &shared.name;
                let name = self
                    .names
                    .claim(Some(module), type_name(key), key, &shared.location);
                let keywords = &self.schema(shared.schema).node().keywords;
                let target = keywords.reference.filter(|_| keywords.is_only_reference());
                let schema = match target {
                    Some(target) if taken.insert(target) => target,
                    _ => shared.schema,
                };
                let id = self.push(name, module, schema, shared.location.clone());
                self.shapes.items[id.0].described = shared.schema;
                self.shapes.shared.insert(schema, id);
                self.shapes.shared.insert(shared.schema, id);
                declared.push((id, shared.name.clone()));
            }
        }
        self.homes = homes(self.contracts, &self.shapes.shared);
        for (id, name) in declared {
            self.fill_shared(id, name);
        }
    }

    fn tasks(&mut self) {
        for (n, contract) in self.contracts.contracts.iter().enumerate() {
            let mut shapes = Vec::new();
            for (t, task) in contract.tasks.iter().enumerate() {
                shapes.push(self.task(n, t, task));
            }
            self.shapes.tasks.push(shapes);
        }
    }

    fn task(&mut self, n: usize, t: usize, task: &Task) -> TaskShapes {
        let module = Module::Task(n, t);
        let args = self.args(module, task.args);
        let output = task.result.map(|result| self.output(module, result));
        for version in &task.retired {
            let module = Module::Retired(n, t, version.version);
            self.args(module, version.args);
        }
        TaskShapes { args, output }
    }

    /// Gives a check to every target of a `$ref` that no type follows, such as one within `not`.
    fn checks(&mut self) {
        let mut seen = BTreeSet::new();
        for index in 0..self.shapes.items.len() {
            let Item { module, schema, .. } = self.shapes.items[index];
            let contracts = self.contracts;
            reach::each_below(contracts, schema, &mut seen, |id| {
                let Some(target) = self.schema(id).node().keywords.reference else {
                    return;
                };
                if !self.shapes.shared.contains_key(&target) {
                    let (module, hint) = self.home(target, module);
                    let location = self.schema(target).location.clone();
                    let item = self.push(type_name(&hint), module, target, location);
                    self.shapes.items[item.0].kind = ItemKind::Check;
                    self.shapes.shared.insert(target, item);
                }
            });
        }
        self.shapes.observed = reach::observed(self.contracts, &seen);
    }

    /// `Args` is a struct of its own even where it is one `$ref`, since it stands for one task.
    fn args(&mut self, module: Module, id: SchemaId) -> ItemId {
        let location = self.schema(id).location.clone();
        let item = self.push("Args".to_owned(), module, id, location);
        self.shapes.shared.insert(id, item);
        let place = Place {
            module,
            path: Vec::new(),
        };
        let schema = self.schema(id);
        // Args are objects, which parsing sees to.
        let fields = match Parts::of(schema) {
            Some(parts) => self.fields(&parts, &place, None),
            None => Struct::default(),
        };
        self.shapes.items[item.0].kind = ItemKind::Struct(fields);
        item
    }

    /// `Output` is a struct where it can be, else a struct around the value.
    fn output(&mut self, module: Module, id: SchemaId) -> ItemId {
        let location = self.schema(id).location.clone();
        let item = self.push("Output".to_owned(), module, id, location);
        self.shapes.shared.insert(id, item);
        let place = Place {
            module,
            path: vec!["output".to_owned()],
        };
        let schema = self.schema(id);
        let object = Parts::of(schema).filter(|parts| parts.is_struct() && !parts.nullable);
        let kind = if let Some(parts) = object {
            ItemKind::Struct(self.fields(&parts, &place, None))
        } else {
            let place = place.child("value");
            ItemKind::Newtype(self.shape(schema, &place))
        };
        self.shapes.items[item.0].kind = kind;
        item
    }

    /// The shape of a `$ref`'s target.
    pub(super) fn target(&mut self, target: SchemaId, from: Module) -> Shape {
        let id = match self.shapes.shared.get(&target) {
            Some(id) => *id,
            None => self.foreign(target, from),
        };
        // Not of `target`, which may be a `$ref` that the type is called by.
        if is_nullable_struct(self.schema(self.shapes.item(id).schema)) {
            Shape::Nullable(Box::new(Shape::Item(id)))
        } else {
            Shape::Item(id)
        }
    }

    /// What the type of a target is called.
    pub(super) fn hint(&self, target: SchemaId) -> String {
        let home = self.homes.get(&target);
        home.map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// A target outside of every `[types]`, such as one in `$defs`.
    fn foreign(&mut self, target: SchemaId, from: Module) -> ItemId {
        let location = self.schema(target).location.clone();
        let (module, hint) = self.home(target, from);
        let name = self
            .names
            .claim(Some(module), type_name(&hint), &hint, &location);
        let id = self.push(name, module, target, location);
        self.shapes.shared.insert(target, id);
        self.fill_shared(id, hint);
        id
    }

    fn home(&self, target: SchemaId, from: Module) -> Home {
        let namespace = Module::Namespace(from.namespace());
        let home = self.homes.get(&target).cloned();
        home.unwrap_or_else(|| (namespace, self.hint(target)))
    }

    /// Completes an item that was declared by [`shared_types`](Self::shared_types).
    fn fill_shared(&mut self, id: ItemId, name: String) {
        let item = self.shapes.items[id.0].clone();
        let schema = self.schema(item.schema);
        let place = Place {
            module: item.module,
            path: vec![name],
        };
        let keywords = &schema.node().keywords;
        let object = Parts::of(schema).filter(Parts::is_struct);
        let branches = Branches::of(schema).filter(|branches| !branches.nullable);
        let union = branches.and_then(|branches| self.variants_of(&branches, &place));
        let kind = if schema.boolean.is_some()
            || keywords.is_only_reference()
            || wrapped(schema).is_some()
        {
            ItemKind::Alias(self.shape(schema, &place))
        } else if let Some(union) = union {
            ItemKind::Union(union)
        } else if let Some(parts) = object {
            let builder = format!("{}Builder", item.name);
            self.names
                .claim(Some(item.module), builder, &place.path[0], &item.location);
            ItemKind::Struct(self.fields(&parts, &place, None))
        } else if let (Some(values), Some(("string", false))) =
            (string_values(keywords), single_type(keywords))
        {
            ItemKind::Enum(Enum {
                variants: self.variants(&values, keywords.open, schema.node()),
                open: keywords.open,
            })
        } else {
            ItemKind::Alias(self.shape(schema, &place.child("value")))
        };
        self.shapes.items[id.0].kind = kind;
    }

    /// Declares a type that a schema has inside another one.
    pub(super) fn nested(&mut self, schema: SchemaRef<'a>, place: &Place, kind: ItemKind) -> Shape {
        match &schema.node().keywords.title {
            Some(title) => self.nested_as(title, schema, place.module, kind),
            None => self.nested_by_path(schema, place, kind),
        }
    }

    /// Declares a type whose title, if there is one, is not its own.
    pub(super) fn nested_by_path(
        &mut self,
        schema: SchemaRef<'a>,
        place: &Place,
        kind: ItemKind,
    ) -> Shape {
        self.nested_as(&place.path.join("_"), schema, place.module, kind)
    }

    fn nested_as(
        &mut self,
        key: &str,
        schema: SchemaRef<'a>,
        module: Module,
        kind: ItemKind,
    ) -> Shape {
        let location = &schema.node().location;
        let problems = self.names.problems.len();
        let name = self
            .names
            .claim(Some(module), type_name(key), key, location);
        // One problem is enough where both names are taken.
        if matches!(kind, ItemKind::Struct(_)) && self.names.problems.len() == problems {
            let builder = format!("{name}Builder");
            self.names.claim(Some(module), builder, key, location);
        }
        let id = self.push(name, module, schema.id, location.clone());
        self.shapes.items[id.0].kind = kind;
        Shape::Item(id)
    }

    fn push(
        &mut self,
        name: String,
        module: Module,
        schema: SchemaId,
        location: Location,
    ) -> ItemId {
        let id = ItemId(self.shapes.items.len());
        // Names that differ as types may be one in lower case: `A1B` and `A1b`.
        let mut check = format!("check_{}", unraw(&snake(&name)));
        while self
            .shapes
            .items_of(module)
            .any(|(_, item)| item.check == check)
        {
            check.push('_');
        }
        self.shapes.by_module.entry(module).or_default().push(id);
        self.shapes.items.push(Item {
            name,
            check,
            module,
            schema,
            described: schema,
            location,
            kind: ItemKind::Alias(Shape::Json),
        });
        id
    }
}
