//! Turns `contracts/*.toml` into the module `tasks`.

fn main() {
    soniq_codegen::generate("../../contracts");
}
