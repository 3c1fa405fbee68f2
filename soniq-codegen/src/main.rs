//! The `soniq-codegen` command.

fn main() -> std::process::ExitCode {
    soniq_codegen::cli::main()
}
