//! Both states of each case as generated modules, and the types in them that are asked.

use std::fmt::Write as _;

use soniq_codegen::{Options, render};
use soniq_schema::{Contracts, load_sources};

/// One state of a case, in a namespace of its own.
pub(crate) struct Side {
    namespace: String,
    text: String,
}

impl Side {
    pub(crate) fn new(namespace: &str, text: &str) -> Self {
        Side {
            namespace: namespace.to_owned(),
            text: text.to_owned(),
        }
    }

    /// As it is in the case's file.
    pub(crate) fn contracts(&self) -> Contracts {
        load(vec![self.file(self.text.clone())])
    }

    fn file(&self, text: String) -> (String, String) {
        (format!("{}.toml", self.namespace), text)
    }

    fn renamed(&self) -> (String, String) {
        let text = self
            .text
            .replacen("'shop'", &format!("'{}'", self.namespace), 1);
        assert_ne!(text, self.text, "the cases are of the namespace `shop`");
        self.file(text)
    }
}

fn load(files: Vec<(String, String)>) -> Contracts {
    let loaded = load_sources(files);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    loaded.contracts
}

/// The types that are asked, and the contracts that they are of.
#[derive(Default)]
pub(crate) struct Sides {
    files: Vec<(String, String)>,
    types: Vec<String>,
}

impl Sides {
    /// The number of the type of a version's arguments, or of its result.
    pub(crate) fn number(&mut self, side: &Side, version: u32, is_result: bool) -> usize {
        let contracts = side.contracts();
        let (_, task) = contracts
            .tasks()
            .find(|(_, task)| task.key == "ship")
            .unwrap();
        let is_retired = task.retired.iter().any(|one| one.version == version);
        let path = match (is_result, is_retired) {
            (true, _) => "Output".to_owned(),
            (false, true) => format!("v{version}::Args"),
            (false, false) => "Args".to_owned(),
        };
        let name = format!("generated::{}::ship::{path}", side.namespace);
        let file = side.renamed();
        if !self.files.contains(&file) {
            self.files.push(file);
        }
        let known = self.types.iter().position(|one| *one == name);
        known.unwrap_or_else(|| {
            self.types.push(name);
            self.types.len() - 1
        })
    }

    /// The arms of the program's `match`.
    pub(crate) fn arms(&self) -> String {
        let mut arms = String::new();
        for (number, name) in self.types.iter().enumerate() {
            // Writing to a `String` does not fail.
            let _ = writeln!(arms, "        {number} => check::<{name}>(value),");
        }
        arms
    }

    /// The code of all sides.
    pub(crate) fn generated(&self) -> Vec<(String, String)> {
        let contracts = load(self.files.clone());
        let files = render(&contracts, &Options::default());
        let files = files.expect("there is code for the cases");
        files
            .into_iter()
            .map(|file| (file.name, file.text))
            .collect()
    }
}
