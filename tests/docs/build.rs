//! Turns the blocks of Rust in `docs/*.md` into functions, for the compiler to look at.
//!
//! A block is the inside of an `async fn` whose arguments are what a guide takes for granted (see
//! `src/lib.rs`), so that readers see no scaffolding. One that is marked `rust,ignore` is left out.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    soniq_codegen::generate("../../contracts");
    let docs = Path::new("../../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut code = String::new();
    for guide in guides(docs) {
        let text = fs::read_to_string(&guide).expect("a guide that is listed can be read");
        let name = guide.file_stem().expect("it ends in .md").to_string_lossy();
        for (line, block) in blocks(&text) {
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

/// The line of each block, counted from 1, and its text.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        match &mut open {
            Some(_) if line.trim_end() == "```" => found.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line.trim_end() == "```rust" => open = Some((index + 2, String::new())),
            None => {}
        }
    }
    found
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
         async fn block(stage: Stage<'_>) -> Result<(), Box<dyn std::error::Error>> {{\n\
         let Stage {{ client, soniq, worker, builder, order, .. }} = stage;\n\
         {block}\
         Ok(())\n\
         }}\n\
         }}\n"
    )
    .expect("a string takes what is written to it");
}
