//! From schemas to shapes: one walk over all contracts.

use std::collections::{BTreeMap, BTreeSet};

use soniq_schema::contract::{Contracts, Task};
use soniq_schema::diagnostic::Diagnostic;
use soniq_schema::json_schema::{Keywords, Node, SchemaId, SchemaRef};
use soniq_schema::source::Location;

use super::claims::Claims;
use super::keywords::{
    adds_properties, integer_type, is_nullable, is_nullable_struct, is_struct, presence,
    single_type, string_values,
};
use super::names::{camel, snake, type_name, unraw};
use super::{Enum, Field, Item, ItemId, ItemKind, Module, Shape, Shapes, Struct, TaskShapes};
use super::{reach, recursion};

/// The longest tuple that serde takes.
const LONGEST_TUPLE: usize = 16;

/// The shapes of all contracts, and what stands in the way of writing them out.
pub(crate) fn shape(contracts: &Contracts) -> (Shapes, Vec<Diagnostic>) {
    let mut walk = Walk {
        contracts,
        shapes: Shapes::default(),
        names: Claims::default(),
    };
    walk.modules();
    walk.shared_types();
    walk.tasks();
    walk.checks();
    recursion::break_cycles(&mut walk.shapes);
    (walk.shapes, walk.names.problems)
}

struct Walk<'a> {
    contracts: &'a Contracts,
    shapes: Shapes,
    names: Claims,
}

/// Where a type stands, and the path of keys that names it if it has no title.
struct Place {
    module: Module,
    path: Vec<String>,
}

impl Place {
    fn child(&self, key: &str) -> Place {
        let mut path = self.path.clone();
        path.push(key.to_owned());
        Place {
            module: self.module,
            path,
        }
    }
}

impl<'a> Walk<'a> {
    fn schema(&self, id: SchemaId) -> SchemaRef<'a> {
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
    fn shared_types(&mut self) {
        let mut declared = Vec::new();
        for (n, contract) in self.contracts.contracts.iter().enumerate() {
            for shared in &contract.types {
                let module = Module::Namespace(n);
                let key = &shared.name;
                let name = self
                    .names
                    .claim(Some(module), type_name(key), key, &shared.location);
                let id = self.push(name, module, shared.schema, shared.location.clone());
                self.shapes.shared.insert(shared.schema, id);
                declared.push((id, shared.name.clone()));
            }
        }
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
                    let module = Module::Namespace(module.namespace());
                    let name = type_name(&self.hint(target));
                    let location = self.schema(target).location.clone();
                    let item = self.push(name, module, target, location);
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
        let place = Place {
            module,
            path: Vec::new(),
        };
        let schema = self.schema(id);
        let object = if adds_properties(&schema.keywords) {
            schema
        } else {
            schema.resolved()
        };
        let fields = self.fields(object, &place);
        self.shapes.items[item.0].kind = ItemKind::Struct(fields);
        item
    }

    /// `Output` is a struct where it can be, else a struct around the value.
    fn output(&mut self, module: Module, id: SchemaId) -> ItemId {
        let location = self.schema(id).location.clone();
        let item = self.push("Output".to_owned(), module, id, location);
        let place = Place {
            module,
            path: vec!["output".to_owned()],
        };
        let schema = self.schema(id);
        let object = if adds_properties(&schema.keywords) {
            schema
        } else {
            schema.resolved()
        };
        let kind = if is_struct(object) && !is_nullable(object) {
            ItemKind::Struct(self.fields(object, &place))
        } else {
            let place = place.child("value");
            ItemKind::Newtype(self.shape(schema, &place))
        };
        self.shapes.items[item.0].kind = kind;
        item
    }

    /// The shape of one schema.
    fn shape(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        if schema.boolean.is_some() {
            return Shape::Json;
        }
        let keywords = &schema.node().keywords;
        if let Some(target) = keywords.reference {
            return if adds_properties(keywords) {
                Shape::Json
            } else {
                self.target(target, place.module)
            };
        }
        let Some((name, nullable)) = single_type(keywords) else {
            return Shape::Json;
        };
        let shape = match name {
            "boolean" => Shape::Bool,
            "integer" => Shape::Int(integer_type(keywords.format.as_deref())),
            "number" => Shape::Float,
            "string" => self.text(schema, place),
            "array" => self.array(keywords, schema, place),
            "object" => self.object(schema, place),
            _ => return Shape::Unit,
        };
        if nullable {
            Shape::Nullable(Box::new(shape))
        } else {
            shape
        }
    }

    fn text(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let keywords = &schema.node().keywords;
        if let Some(values) = string_values(keywords) {
            let variants = self.variants(&values, keywords.open, schema.node());
            return self.nested(
                schema,
                place,
                ItemKind::Enum(Enum {
                    variants,
                    open: keywords.open,
                }),
            );
        }
        match keywords.format.as_deref() {
            Some("uuid") => Shape::Uuid,
            Some("date-time") => Shape::DateTime,
            Some("date") => Shape::Date,
            _ => Shape::Text,
        }
    }

    fn array(&mut self, keywords: &'a Keywords, schema: SchemaRef<'a>, place: &Place) -> Shape {
        let prefix = &keywords.prefix_items;
        if prefix.is_empty() {
            return match keywords.items {
                Some(items) => {
                    let place = place.child("item");
                    Shape::List(Box::new(self.shape(schema.at(items), &place)))
                }
                None => Shape::List(Box::new(Shape::Json)),
            };
        }
        let closed = keywords
            .items
            .is_some_and(|items| schema.at(items).boolean == Some(false))
            || keywords.max_items == Some(prefix.len() as u64);
        let full = keywords.min_items == Some(prefix.len() as u64);
        if !closed || !full || prefix.len() > LONGEST_TUPLE {
            return Shape::List(Box::new(Shape::Json));
        }
        let mut elements = Vec::new();
        for (index, element) in prefix.iter().enumerate() {
            let place = place.child(&format!("item_{index}"));
            elements.push(self.shape(schema.at(*element), &place));
        }
        Shape::Tuple(elements)
    }

    fn object(&mut self, schema: SchemaRef<'a>, place: &Place) -> Shape {
        if is_struct(schema) {
            let fields = self.fields(schema, place);
            return self.nested(schema, place, ItemKind::Struct(fields));
        }
        let value = match schema.node().keywords.additional_properties {
            Some(values) => self.shape(schema.at(values), &place.child("value")),
            None => Shape::Json,
        };
        Shape::Map(Box::new(value))
    }

    fn fields(&mut self, schema: SchemaRef<'a>, place: &Place) -> Struct {
        let keywords = &schema.node().keywords;
        let mut fields = Vec::new();
        let mut idents: BTreeMap<String, (String, Location)> = BTreeMap::new();
        for (key, id) in &keywords.properties {
            let property = schema.at(*id);
            let shape = self.shape(property, &place.child(key));
            fields.push(Field {
                key: key.clone(),
                ident: snake(key),
                schema: *id,
                shape,
                presence: presence(key, keywords, property),
            });
        }
        for field in &fields {
            let location = &schema.at(field.schema).node().location;
            let claim = (field.key.clone(), location.clone());
            if let Some((first, place)) = idents.insert(field.ident.clone(), claim) {
                self.names
                    .collision(&field.ident, (&first, &place), (&field.key, location));
            }
        }
        Struct {
            additional: self.additional(schema, place, &idents),
            fields,
        }
    }

    /// The field for keys that are not listed, where the schema says what they are.
    fn additional(
        &mut self,
        schema: SchemaRef<'a>,
        place: &Place,
        taken: &BTreeMap<String, (String, Location)>,
    ) -> Option<(String, Shape)> {
        let values = schema.at(schema.node().keywords.additional_properties?);
        if values.boolean.is_some() {
            return None;
        }
        let mut ident = "additional".to_owned();
        while taken.contains_key(&ident) {
            ident.push('_');
        }
        let shape = self.shape(values, &place.child("additional"));
        Some((ident, shape))
    }

    fn variants(&mut self, values: &[String], open: bool, node: &Node) -> Vec<(String, String)> {
        let mut variants: Vec<(String, String)> = Vec::new();
        for value in values {
            let mut name = camel(value);
            if open && name == "Other" {
                name.push('_');
            }
            let place = &node.location;
            if let Some((first, _)) = variants.iter().find(|(_, taken)| *taken == name) {
                self.names.collision(&name, (first, place), (value, place));
            }
            variants.push((value.clone(), name));
        }
        variants
    }

    /// The shape of a `$ref`'s target.
    fn target(&mut self, target: SchemaId, from: Module) -> Shape {
        let id = match self.shapes.shared.get(&target) {
            Some(id) => *id,
            None => self.foreign(target, from),
        };
        if is_nullable_struct(self.schema(target)) {
            Shape::Nullable(Box::new(Shape::Item(id)))
        } else {
            Shape::Item(id)
        }
    }

    /// What a target outside of every `[types]` is called.
    fn hint(&self, target: SchemaId) -> String {
        let schema = self.schema(target);
        let file = &self.contracts.sources.get(schema.location.file).name;
        let pointer = schema.pointer.rsplit('/').next().filter(|s| !s.is_empty());
        let hint = schema.keywords.title.as_deref().or(pointer);
        hint.map_or_else(|| file_stem(file), str::to_owned)
    }

    /// A target outside of every `[types]`, such as a JSON file: its type goes into the namespace
    /// that names it first.
    fn foreign(&mut self, target: SchemaId, from: Module) -> ItemId {
        let schema = self.schema(target);
        let module = Module::Namespace(from.namespace());
        let hint = self.hint(target);
        let name = self
            .names
            .claim(Some(module), type_name(&hint), &hint, &schema.location);
        let id = self.push(name, module, target, schema.location.clone());
        self.shapes.shared.insert(target, id);
        self.fill_shared(id, hint);
        id
    }

    /// Completes an item that was declared by [`shared_types`](Self::shared_types).
    fn fill_shared(&mut self, id: ItemId, name: String) {
        let item = self.shapes.items[id.0].clone();
        let schema = self.schema(item.schema);
        if is_struct(schema) {
            let builder = format!("{}Builder", item.name);
            self.names
                .claim(Some(item.module), builder, &name, &item.location);
        }
        let place = Place {
            module: item.module,
            path: vec![name],
        };
        let keywords = &schema.node().keywords;
        let single = single_type(keywords);
        let kind = if schema.boolean.is_some() || keywords.reference.is_some() {
            ItemKind::Alias(self.shape(schema, &place))
        } else if is_struct(schema) {
            ItemKind::Struct(self.fields(schema, &place))
        } else if let (Some(values), Some(("string", false))) = (string_values(keywords), single) {
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
    fn nested(&mut self, schema: SchemaRef<'a>, place: &Place, kind: ItemKind) -> Shape {
        let key = match &schema.node().keywords.title {
            Some(title) => title.clone(),
            None => place.path.join("_"),
        };
        let location = &schema.node().location;
        let problems = self.names.problems.len();
        let name = self
            .names
            .claim(Some(place.module), type_name(&key), &key, location);
        // One problem is enough where both names are taken.
        if matches!(kind, ItemKind::Struct(_)) && self.names.problems.len() == problems {
            let builder = format!("{name}Builder");
            self.names
                .claim(Some(place.module), builder, &key, location);
        }
        let id = self.push(name, place.module, schema.id, location.clone());
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
            location,
            kind: ItemKind::Alias(Shape::Json),
        });
        id
    }
}

/// `money` of `schemas/money.json`.
fn file_stem(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split('.').next().unwrap_or(file).to_owned()
}
