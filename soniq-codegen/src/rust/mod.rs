//! Rust source text from contracts and their shapes.
//!
//! One module per part of the output: [`types`] (structs, enums), [`args`] (builders), [`checks`],
//! [`mod@example`], [`arbitrary`], [`task`] (the constants), [`producer`], [`consumer`]. Each writes lines; [`mod@file`] puts the
//! parts of a namespace together, and [`layout`] makes them what people read.

mod arbitrary;
mod args;
mod checks;
mod consumer;
mod docs;
mod example;
mod file;
mod layout;
mod literal;
mod paths;
mod producer;
mod task;
mod types;

#[cfg(feature = "cli")]
pub(crate) use args::setter_name;
pub(crate) use file::{HEADER, files};

use soniq_schema::contract::Contracts;
use soniq_schema::json_schema::Dialect;

use crate::shape::{Module, Shapes};

/// What every part of the output is made from.
#[derive(Clone, Copy)]
pub(crate) struct Input<'a> {
    pub(crate) contracts: &'a Contracts,
    pub(crate) shapes: &'a Shapes,
    pub(crate) dialect: Dialect,
    /// Whether strategies of proptest are written.
    pub(crate) arbitrary: bool,
}

/// The module that is being written.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) module: Module,
}

impl<'a> Input<'a> {
    /// The name on the wire of the task, or retired version, whose module this is.
    pub(crate) fn wire_name(self, module: Module) -> Option<&'a str> {
        let contracts = &self.contracts.contracts;
        match module {
            Module::Namespace(_) => None,
            Module::Task(n, t) => Some(&contracts[n].tasks[t].name),
            Module::Retired(n, t, version) => {
                let mut retired = contracts[n].tasks[t].retired.iter();
                let retired = retired.find(|retired| retired.version == version)?;
                Some(&retired.name)
            }
        }
    }
}
