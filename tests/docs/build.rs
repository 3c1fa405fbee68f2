//! Turns the blocks of Rust in `docs/*.md` into functions, for the compiler to look at.
//!
//! A block is the inside of an `async fn` whose arguments are what a guide takes for granted (see
//! `src/lib.rs`), so that readers see no scaffolding. One that is marked `rust,ignore` is left out. The blocks of some
//! guides are run, too.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use blocks::blocks;

#[path = "src/blocks.rs"]
#[expect(unreachable_pub, reason = "the library has it too, and shows it")]
mod blocks;

/// A guide that says so has its Rust from somewhere else, where it is compiled.
const COMPILED_ELSEWHERE: &str = "<!-- Compiled elsewhere:";

/// Guides whose blocks are tests, each of which runs by itself.
const RUN: [&str; 1] = ["testing"];

fn main() {
    soniq_codegen::generate("../../contracts");
    let docs = Path::new("../../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut code = String::new();
    for guide in guides(docs) {
        let text = fs::read_to_string(&guide).expect("a guide that is listed can be read");
        let name = guide.file_stem().expect("it ends in .md").to_string_lossy();
        if text.contains(COMPILED_ELSEWHERE) {
            continue;
        }
        for (line, block) in blocks(&text, "rust") {
            write_block(&mut code, &name, line, &block);
        }
    }
    let out = std::env::var_os("OUT_DIR").expect("Cargo sets it");
    fs::write(Path::new(&out).join("blocks.rs"), code).expect("OUT_DIR can be written to");
}

fn guides(docs: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(docs).expect("docs/ is there");
    let mut guides: Vec<PathBuf> = entries
        .map(|entry| entry.expect("docs/ can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    guides.sort();
    guides
}

fn write_block(code: &mut String, guide: &str, line: usize, block: &str) {
    let name = format!("{}_{line}", guide.replace('-', "_"));
    // Attributes and modules of a block belong to it, so that each may define what it likes.
    write!(
        code,
        "/// docs/{guide}.md, line {line}.\n\
         mod {name} {{\n\
         use crate::tasks;\n\
         use crate::Stage;\n\
         use crate::handlers::*;\n\
         async fn block(stage: Stage<'_>) -> Result<(), Box<dyn std::error::Error>> {{\n\
         let Stage {{ client, soniq, worker, builder, order, .. }} = stage;\n\
         {block}\
         Ok(())\n\
         }}\n"
    )
    .expect("a string takes what is written to it");
    if RUN.contains(&guide) {
        code.push_str(
            "#[cfg(test)] #[tokio::test]\n\
             async fn runs() { crate::run(block).await }\n",
        );
    }
    code.push_str("}\n");
}
