//! TOML: contracts, parts of contracts, and what goes into a `Cargo.toml`.

use std::fs;

use toml::Table;

use super::{all, root};

/// The least contract around a part of one, so that it can be loaded.
fn contracts_around(block: &str) -> Option<Vec<String>> {
    const HEAD: &str = "edition = \"2026\"\nnamespace = \"guide\"\n";
    const TASK: &str = "[tasks.send_invoice]\nversion = 1\nargs = { type = \"object\" }\n";
    let first = block.lines().find(|line| !line.starts_with('#'))?;
    if first.starts_with("edition") {
        return Some(vec![block.to_owned()]);
    }
    if first.starts_with("[tasks.") {
        return Some(vec![format!("{HEAD}{block}")]);
    }
    if first.starts_with("[[tasks.send_invoice.") {
        return Some(vec![format!("{HEAD}{TASK}{block}")]);
    }
    if first.starts_with("retry") || first.starts_with("schedule") {
        let tasks = block.lines().map(|line| format!("{HEAD}{TASK}{line}\n"));
        return Some(tasks.collect());
    }
    first.contains("type = \"").then(|| {
        let object = "[types.Example]\ntype = \"object\"\n[types.Example.properties]\n";
        vec![format!("{HEAD}{object}{block}")]
    })
}

#[test]
fn contracts_load() {
    let mut seen = 0;
    for (place, block) in all("toml") {
        for contract in contracts_around(&block).unwrap_or_default() {
            seen += 1;
            let loaded = soniq_schema::load_sources([("guide.toml".to_owned(), contract)]);
            assert!(loaded.is_ok(), "{place}: {:?}", loaded.diagnostics);
        }
    }
    assert!(seen >= 9, "only {seen} contracts were found");
}

fn read(path: &str) -> Table {
    fs::read_to_string(root().join(path))
        .unwrap()
        .parse()
        .unwrap()
}

/// Features that are there, and versions that our tests are built with.
#[test]
fn dependencies_are_what_is_tested() {
    let ours = read("soniq-runtime/Cargo.toml");
    let locked = read("Cargo.lock");
    let mut seen = 0;
    for (place, block) in all("toml") {
        if contracts_around(&block).is_some() {
            continue;
        }
        let mut table: Table = block.parse().unwrap();
        if let Some(nested) = table.remove("dev-dependencies") {
            table = nested.as_table().unwrap().clone();
        }
        for (name, dependency) in &table {
            seen += 1;
            let version = dependency["version"].as_str().unwrap();
            let is_locked = locked["package"].as_array().unwrap().iter().any(|package| {
                let is_version = package["version"].as_str().unwrap().starts_with(version);
                package["name"].as_str() == Some(name) && is_version
            });
            assert!(is_locked, "{place}: {name} {version} is not what we test");
            if name == "soniq-runtime" {
                for feature in dependency["features"].as_array().unwrap() {
                    let feature = feature.as_str().unwrap();
                    let known = ours["features"].get(feature);
                    assert!(known.is_some(), "{place}: no feature {feature}");
                }
            }
        }
    }
    assert!(seen >= 6, "only {seen} dependencies were found");
}
