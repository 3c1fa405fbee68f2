//! The programs do what they show, and the documentation quotes them.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::process::Command;

use soniq_runtime::testing;

async fn runs(program: &str) {
    let database = testing::database().await.unwrap();
    let output = Command::new(program)
        .env("SONIQ_DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    let [ada, eve, invoice] = lines.as_slice() else {
        panic!("{said}");
    };
    assert!(ada.starts_with("ada@example.com: purchase "), "{ada}");
    assert!(eve.starts_with("eve@example.com: neither "), "{eve}");
    assert_eq!(*invoice, "invoice sent to ada@example.com");
    let client = database.connect().await.unwrap();
    let purchases = client.query("SELECT customer FROM purchases", &[]).await;
    let purchases: Vec<String> = purchases.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(purchases, ["ada@example.com"]);
}

#[tokio::test]
async fn sqlx() {
    runs(env!("CARGO_BIN_EXE_sqlx")).await;
}

#[tokio::test]
async fn diesel_async() {
    runs(env!("CARGO_BIN_EXE_diesel-async")).await;
}

#[tokio::test]
async fn sea_orm() {
    runs(env!("CARGO_BIN_EXE_sea-orm")).await;
}

#[tokio::test]
async fn deadpool() {
    runs(env!("CARGO_BIN_EXE_deadpool")).await;
}

/// So what is documented has been compiled.
#[test]
fn each_block_of_the_documentation_stands_in_a_program() {
    const DOCUMENT: &str = include_str!("../../../docs/transactional-enqueue.md");
    const PROGRAMS: [&str; 4] = [
        include_str!("../src/bin/sqlx.rs"),
        include_str!("../src/bin/diesel-async.rs"),
        include_str!("../src/bin/sea-orm.rs"),
        include_str!("../src/bin/deadpool.rs"),
    ];
    let blocks = DOCUMENT.split("```rust\n").skip(1);
    let blocks: Vec<String> = blocks
        .map(|rest| flat(rest.split("```").next().unwrap()))
        .collect();
    assert!(blocks.len() >= PROGRAMS.len());
    for block in &blocks {
        let stands = PROGRAMS.iter().any(|program| flat(program).contains(block));
        assert!(stands, "no program has this:\n{block}");
    }
    for program in PROGRAMS {
        assert!(blocks.iter().any(|block| flat(program).contains(block)));
    }
}

/// Without the indentation, which differs between a document and a function's body.
fn flat(code: &str) -> String {
    code.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}
