//! What a producer calls: `task`, `enqueue`, `enqueue_many`.

use soniq_schema::contract::Task;

use super::literal::quoted;

/// The functions of one task.
pub(super) fn functions(task: &Task) -> String {
    let deprecated = task.deprecated.as_ref().map_or_else(String::new, |reason| {
        format!("#[deprecated = {}]\n", quoted(reason))
    });
    format!(
        "\
/// Options for the jobs about to be enqueued; what is not set is as the contract says.
{deprecated}pub fn task() -> ::soniq_runtime::EnqueueOptions<Args> {{
    ::soniq_runtime::EnqueueOptions::default()
}}
/// Enqueues one job; inside a transaction it exists if and only if that commits.
///
/// # Errors
/// [`Error::InvalidArgs`](::soniq_runtime::Error::InvalidArgs) before anything is written,
/// or what the database says.
{deprecated}pub async fn enqueue(
    db: impl ::soniq_runtime::Enqueuer,
    args: Args,
) -> Result<::soniq_runtime::Enqueued, ::soniq_runtime::Error> {{
    task().enqueue(db, args).await
}}
/// Enqueues all jobs or none, in one statement.
///
/// # Errors
/// [`Error::InvalidArgs`](::soniq_runtime::Error::InvalidArgs) before anything is written,
/// or what the database says.
{deprecated}pub async fn enqueue_many(
    db: impl ::soniq_runtime::Enqueuer,
    args: impl IntoIterator<Item = Args>,
) -> Result<Vec<::soniq_runtime::Enqueued>, ::soniq_runtime::Error> {{
    task().enqueue_many(db, args).await
}}
"
    )
}
