//! What a consumer implements and registers: `Handler`, `handler`, and a namespace's `handlers`.

use std::fmt::Write as _;

use soniq_schema::contract::{Contract, Task};

use super::literal::quoted;

/// The `Handler` trait of one task and the function that takes the types off one.
pub(super) fn handler(task: &Task) -> String {
    let mut upgrades = String::new();
    let mut passed_on = String::new();
    let mut clones = String::new();
    let mut retired = String::new();
    for version in &task.retired {
        let (old, new) = (version.version, task.version);
        let signature = format!(
            "fn upgrade_v{old}(&self, old: v{old}::Args) -> Result<Args, ::soniq_runtime::JobError>"
        );
        // Writing to a `String` does not fail.
        let _ = write!(
            upgrades,
            "\
/// Brings the arguments of a row of version {old} up to version {new}.
///
/// # Errors
/// Whatever keeps the row from being run; see [`JobError`](::soniq_runtime::JobError).
{signature};
"
        );
        let _ = write!(
            passed_on,
            "{signature} {{\nH::upgrade_v{old}(self, old)\n}}\n"
        );
        let _ = writeln!(
            clones,
            "let upgrade_v{old} = ::std::sync::Arc::clone(&handler);"
        );
        let _ = writeln!(
            retired,
            "\t.retired({}, move |old: v{old}::Args| H::upgrade_v{old}(&upgrade_v{old}, old))",
            quoted(&version.name)
        );
    }
    let name = &task.name;
    format!(
        "\
/// Runs jobs of `{name}`.
pub trait Handler: Send + Sync + 'static {{
    /// Runs one job. `Ok` completes it; `?` on any error has it tried again.
    fn handle(
        &self,
        args: Args,
        ctx: &::soniq_runtime::JobContext,
    ) -> impl ::core::future::Future<
        Output = Result<Output, ::soniq_runtime::JobError>,
    > + Send;
    {upgrades}
}}
impl<H: Handler> Handler for ::std::sync::Arc<H> {{
    fn handle(
        &self,
        args: Args,
        ctx: &::soniq_runtime::JobContext,
    ) -> impl ::core::future::Future<
        Output = Result<Output, ::soniq_runtime::JobError>,
    > + Send {{
        H::handle(self, args, ctx)
    }}
    {passed_on}
}}
/// Completes the job in a transaction of the handler's own: what the handler wrote and that the
/// job is done commit together.
///
/// # Errors
/// See [`JobContext::complete_in`](::soniq_runtime::JobContext::complete_in).
pub async fn complete_in(
    ctx: &::soniq_runtime::JobContext,
    transaction: impl ::soniq_runtime::Completer,
    output: &Output,
) -> Result<(), ::soniq_runtime::Error> {{
    ctx.complete_in(transaction, output).await
}}
/// Has a worker run this task's jobs with `handler`.
pub fn handler<H: Handler>(handler: H) -> ::soniq_runtime::TaskHandler {{
    let handler = ::std::sync::Arc::new(handler);
    {clones}
    ::soniq_runtime::TaskHandlerBuilder::new(move |args: Args, ctx| {{
\t        let handler = ::std::sync::Arc::clone(&handler);
\t        async move {{ H::handle(&handler, args, &ctx).await }}
\t    }})
{retired}\t    .build()
}}
"
    )
}

/// `handlers(..)`: one state for all tasks of the namespace.
pub(super) fn handlers(contract: &Contract, modules: &[String]) -> String {
    if contract.tasks.is_empty() {
        return String::new();
    }
    let bounds: Vec<String> = modules
        .iter()
        .map(|name| format!("{name}::Handler"))
        .collect();
    let handlers: Vec<String> = modules
        .iter()
        .map(|name| format!("{name}::handler(::std::sync::Arc::clone(&handler))"))
        .collect();
    let namespace = &contract.namespace;
    format!(
        "\
/// Has a worker run the jobs of every task of `{namespace}` with one handler.
///
/// A task that the contract gains must be handled before this compiles again.
pub fn handlers<H>(handler: H) -> ::soniq_runtime::Handlers
where
\tH: {},
{{
    let handler = ::std::sync::Arc::new(handler);
    ::soniq_runtime::Handlers::from(Vec::from([{}]))
}}
",
        bounds.join(" + "),
        handlers.join(", "),
    )
}
