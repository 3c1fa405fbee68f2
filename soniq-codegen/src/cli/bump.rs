//! `soniq-codegen bump`: another version of a task.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use soniq_schema::contract::{Contract, Contracts, Task};
use soniq_schema::lock::{Lock, load_lock};
use soniq_schema::{Loaded, canonical, load_sources};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

use super::check::{NOT_RUN, lock_path};
use super::import::insert_canonical;
use super::replace::replace;
use super::show::{print, show_people};

/// Arguments of `bump`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 done, 1 there is nothing to bump, 2 not run.\n\nIf the arguments were \
    changed already, those of the old version come from contracts.lock."
)]
pub(super) struct Bump {
    /// The folder of the contracts' `*.toml` files
    contracts: PathBuf,
    /// The task, as `billing.send_invoice` or, if only one has that key, `send_invoice`
    task: String,
}

/// Why nothing is written.
enum Refusal {
    /// There is nothing to do.
    Needless(String),
    /// It cannot be done.
    NotRun(String),
}

/// What is to be done with a task.
struct Plan {
    /// The version that is retired.
    retired: u32,
    /// The version that the task gets.
    version: u32,
    /// The canonical schema of the retired arguments, where they are not those in the file.
    released: Option<String>,
    /// The names of the retired version and of the new one, where the task has a name of its own.
    names: Option<(String, String)>,
}

impl Bump {
    pub(super) fn run(&self) -> ExitCode {
        let (message, status) = match self.bump() {
            Ok(()) => return ExitCode::SUCCESS,
            Err(Refusal::Needless(message)) => (message, 1),
            Err(Refusal::NotRun(message)) => (message, NOT_RUN),
        };
        eprintln!("error: {message}; nothing was written");
        ExitCode::from(status)
    }

    fn bump(&self) -> Result<(), Refusal> {
        let loaded = soniq_schema::load(&self.contracts);
        show_people(&loaded.diagnostics, &loaded.contracts.sources);
        if !loaded.is_ok() {
            return Err(Refusal::NotRun("the contracts have errors".to_owned()));
        }
        let lock = load_lock(&lock_path(&self.contracts)).unwrap_or_default();
        if !lock.diagnostics.is_empty() {
            show_people(&lock.diagnostics, &lock.sources);
            return Err(Refusal::NotRun("the lock file cannot be used".to_owned()));
        }
        let contracts = &loaded.contracts;
        let (contract, task) = self.find(contracts)?;
        let identity = format!("{}.{}", contract.namespace, task.key);
        let now = canonical(contracts.schemas.get(task.args));
        let plan = Plan::new(&lock.lock, &identity, task, &now).map_err(Refusal::Needless)?;
        let file = contracts.sources.get(contract.file);
        let text = edited(&file.text, task, &plan).ok_or_else(|| {
            Refusal::NotRun(format!(
                "the task is written in a way that cannot be edited in {}",
                file.name
            ))
        })?;
        // Invariant: what is written loads, and retires what was released.
        let texts = contracts.sources.iter().map(|(id, one)| {
            let text = if id == contract.file {
                &text
            } else {
                &one.text
            };
            (one.name.clone(), text.clone())
        });
        let after = load_sources(texts);
        if !is_done(&after, &identity, &plan, &now) {
            show_people(&after.diagnostics, &after.contracts.sources);
            return Err(Refusal::NotRun(
                "what would be written is no sound contract".to_owned(),
            ));
        }
        replace(&self.contracts.join(file.file_name()), &text)
            .map_err(|error| Refusal::NotRun(format!("cannot write {}: {error}", file.name)))?;
        self.explain(&identity, &task.key, &file.name, &plan);
        Ok(())
    }

    fn find<'a>(&self, contracts: &'a Contracts) -> Result<(&'a Contract, &'a Task), Refusal> {
        let found: Vec<_> = contracts
            .tasks()
            .filter(|(contract, task)| {
                let identity = format!("{}.{}", contract.namespace, task.key);
                [&identity, &task.key, &task.name].contains(&&self.task)
            })
            .collect();
        match found[..] {
            [one] => Ok(one),
            [] => Err(Refusal::NotRun(format!(
                "no contract has a task {:?}",
                self.task
            ))),
            [(one, task), ..] => Err(Refusal::NotRun(format!(
                "several contracts have a task {:?}: say which, as in `{}.{}`",
                self.task, one.namespace, task.key
            ))),
        }
    }

    fn explain(&self, identity: &str, key: &str, file: &str, plan: &Plan) {
        let Plan {
            retired, version, ..
        } = plan;
        let kept = match plan.released {
            Some(_) => "as they were released",
            None => "as they are",
        };
        let folder = self.contracts.display();
        print(format_args!(
            "{file}: {identity} has version {version}, and `retired.v{retired}` the arguments of version \
             {retired}, {kept}\n\
             next:\n\
             - change the arguments of version {version} in [tasks.{key}.args], and `examples` with them\n\
             - in each handler, `fn upgrade_v{retired}(&self, old: v{retired}::Args) -> Result<Args, JobError>` \
             brings rows of version {retired} up to version {version}; without it the consumer does not compile\n\
             - soniq-codegen lock {folder}\n\
             - deploy consumers before producers: workers of version {retired} leave rows of version {version} alone\n\
             - once `soniq contracts census` counts no row of version {retired}: remove `retired.v{retired}` and run \
             `soniq-codegen lock {folder} --prune census.json`\n"
        ));
    }
}

impl Plan {
    fn new(lock: &Lock, identity: &str, task: &Task, now: &str) -> Result<Self, String> {
        let released = lock.versions().filter(|(name, ..)| *name == identity);
        let last = released.max_by_key(|(_, version, _)| *version);
        let is_retired = |version: u32| task.retired.iter().any(|one| one.version == version);
        if let Some((_, version, locked)) = last
            && version < task.version
        {
            if is_retired(version) {
                return Err(format!(
                    "version {} of {identity} was not released yet, and may be changed as it is",
                    task.version
                ));
            }
            // The version was raised by hand.
            let has_default = locked.name == format!("{identity}.v{version}");
            let names = (!has_default).then(|| (locked.name.clone(), task.name.clone()));
            return Ok(Plan {
                retired: version,
                version: task.version,
                released: Some(locked.args.canonical.clone()),
                names,
            });
        }
        let locked = lock.version(identity, task.version);
        let released = locked.map(|version| version.args.canonical.as_str());
        let released = released.filter(|released| *released != now);
        let Some(version) = task.version.checked_add(1) else {
            return Err("there is no version after this one".to_owned());
        };
        Ok(Plan {
            retired: task.version,
            version,
            released: released.map(str::to_owned),
            names: names(identity, task, version)?,
        })
    }
}

/// The old name and the new one of a task whose name is not made of its key.
fn names(identity: &str, task: &Task, version: u32) -> Result<Option<(String, String)>, String> {
    let suffix = format!(".v{}", task.version);
    if task.name == format!("{identity}{suffix}") {
        return Ok(None);
    }
    match task.name.strip_suffix(&suffix) {
        Some(stem) => Ok(Some((task.name.clone(), format!("{stem}.v{version}")))),
        None => Err(format!(
            "rows of {identity} are named {:?}, which does not tell versions apart: define another task, and \
             list the name under its `aliases` if its arguments can be read",
            task.name
        )),
    }
}

/// The file's text after the bump; `None` if the task is not found in it as a table.
fn edited(text: &str, task: &Task, plan: &Plan) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let tasks = document.get_mut("tasks")?.as_table_like_mut()?;
    let item = tasks.get_mut(&task.key)?;
    let is_inline = item.is_inline_table();
    let table = item.as_table_like_mut()?;
    let mut retired = Table::new();
    if let Some((before, after)) = &plan.names {
        retired.insert("name", value(before));
        if plan.version != task.version {
            set(table, "name", after.as_str().into())?;
        }
    }
    if let Some(canonical) = &plan.released {
        insert_canonical(&mut retired, "args", canonical)?;
    } else {
        let mut args = table.get("args")?.clone();
        unplaced(&mut args);
        retired.insert("args", args);
    }
    let has_lines = retired
        .iter()
        .any(|(_, item)| item.is_value() || item.as_table().is_some_and(Table::is_dotted));
    retired.set_implicit(!has_lines);
    set(table, "version", i64::from(plan.version).into())?;
    if table.get("retired").is_none() {
        let mut versions = Table::new();
        versions.set_implicit(true);
        let versions = Item::Table(versions);
        table.insert(
            "retired",
            if is_inline {
                inline(versions)?
            } else {
                versions
            },
        );
    }
    let versions = table.get_mut("retired")?;
    let retired = if versions.is_inline_table() {
        inline(Item::Table(retired))?
    } else {
        Item::Table(retired)
    };
    let key = format!("v{}", plan.retired);
    versions.as_table_like_mut()?.insert(&key, retired);
    Some(document.to_string())
}

/// Gives a key another value, with the comments and spaces of the one before.
fn set(table: &mut dyn TableLike, key: &str, new: Value) -> Option<()> {
    let old = table.get_mut(key)?.as_value_mut()?;
    let decor = old.decor().clone();
    *old = new;
    *old.decor_mut() = decor;
    Some(())
}

fn inline(item: Item) -> Option<Item> {
    item.into_value().ok().map(Item::Value)
}

/// Takes away where tables stood in the file, so that they stand where they are put.
fn unplaced(item: &mut Item) {
    match item {
        Item::Table(table) => unplaced_table(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(unplaced_table),
        Item::None | Item::Value(_) => {}
    }
}

fn unplaced_table(table: &mut Table) {
    table.set_position(None);
    for (_, item) in table.iter_mut() {
        unplaced(item);
    }
}

/// Whether the contracts say what the plan wants.
fn is_done(after: &Loaded, identity: &str, plan: &Plan, now: &str) -> bool {
    let contracts = &after.contracts;
    let mut tasks = contracts.tasks();
    let task =
        tasks.find(|(contract, task)| format!("{}.{}", contract.namespace, task.key) == identity);
    let Some((_, task)) = task.filter(|_| after.is_ok()) else {
        return false;
    };
    let mut retired = task.retired.iter();
    let retired = retired.find(|retired| retired.version == plan.retired);
    let kept = plan.released.as_deref().unwrap_or(now);
    task.version == plan.version
        && canonical(contracts.schemas.get(task.args)) == now
        && retired.is_some_and(|one| canonical(contracts.schemas.get(one.args)) == kept)
}
