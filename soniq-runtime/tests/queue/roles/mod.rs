//! The roles of `docs/roles.md`: each does its whole job with its grants, and nothing beyond.

mod dashboard;
mod producer;
mod scheduler;
mod worker;

use soniq_runtime::testing::{Cluster, Database};
use soniq_runtime::{Error, Soniq};
use tokio::sync::OnceCell;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use crate::support::{Bed, quick};

const DOCUMENT: &str = include_str!("../../../../docs/roles.md");

const ROLES: [&str; 6] = [
    "soniq_sql_producer",
    "soniq_producer",
    "soniq_worker",
    "soniq_scheduler",
    "soniq_dashboard",
    "soniq_operator",
];

/// The document's SQL: what makes the roles, and what grants them their rights.
fn documented() -> (String, String) {
    let mut blocks = DOCUMENT.split("```sql\n").skip(1).map(|rest| {
        let (block, _) = rest.split_once("```").expect("a block has an end");
        block.to_owned()
    });
    let making = blocks.next().unwrap();
    (making, blocks.collect())
}

/// A database with the grants, as its owner sees it. Roles belong to a whole server, so these tests
/// share one that nobody else has.
async fn bed() -> Bed {
    static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
    let cluster = CLUSTER.get_or_init(async || Cluster::start().await.unwrap());
    let cluster = cluster.await;
    let database = cluster.database_from("roles", grant).await.unwrap();
    let soniq = Soniq::with_settings(quick(database.url())).unwrap();
    let client = database.connect().await.unwrap();
    Bed {
        database,
        soniq,
        client,
    }
}

async fn grant(url: String) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Soniq::connect(&url)?.setup().await?;
    let client = connect(&url).await?;
    // As careful administrators do: what everybody may of themselves is not counted on.
    client
        .batch_execute("REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
        .await?;
    let (making, granting) = documented();
    client.batch_execute(&making).await?;
    // As after an upgrade: the page says that they can be repeated.
    client.batch_execute(&granting).await?;
    client.batch_execute(&granting).await?;
    for role in ROLES {
        let login = format!("CREATE ROLE {role}_login LOGIN IN ROLE {role}");
        client.batch_execute(&login).await?;
    }
    Ok(())
}

async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Where a member of `role` logs in.
fn url(database: &Database, role: &str) -> String {
    let url = database
        .url()
        .replace("user=soniq", &format!("user={role}_login"));
    assert_ne!(url, database.url());
    url
}

async fn client(bed: &Bed, role: &str) -> Client {
    connect(&url(&bed.database, role)).await.unwrap()
}

fn soniq(bed: &Bed, role: &str) -> Soniq {
    Soniq::with_settings(quick(&url(&bed.database, role))).unwrap()
}

/// Each of the statements is refused for want of a privilege.
async fn refused(client: &Client, statements: &[&str]) {
    for statement in statements {
        let error = client.batch_execute(statement).await.expect_err(statement);
        let code = error.code();
        assert_eq!(
            code,
            Some(&SqlState::INSUFFICIENT_PRIVILEGE),
            "{statement}: {error:?}"
        );
    }
}

/// As [`refused`], of a door in Rust.
fn is_refused<T>(answer: Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Database { source, .. })
        if source.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE))
}

/// What nobody but the owner of the tables may.
const OWNERS: [&str; 6] = [
    "TRUNCATE soniq_jobs",
    "ALTER TABLE soniq_jobs ADD COLUMN mine text",
    "CREATE INDEX mine ON soniq_jobs (id)",
    "CREATE TRIGGER mine BEFORE INSERT ON soniq_jobs EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "DROP TABLE soniq_dead_letter_jobs",
    "DELETE FROM soniq_migrations",
];

#[tokio::test]
async fn no_role_may_what_is_the_owners() {
    let bed = bed().await;
    for role in ROLES {
        refused(&client(&bed, role).await, &OWNERS).await;
        assert!(DOCUMENT.contains(&format!("| `{role}` |")), "{role}");
    }
    let all = "SELECT count(*) FROM pg_roles
               WHERE rolname LIKE 'soniq\\__%' AND rolname NOT LIKE '%\\_login'";
    assert_eq!(bed.count(all).await, i64::try_from(ROLES.len()).unwrap());
}
