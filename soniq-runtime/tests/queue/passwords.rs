//! No error, log line or `Debug` holds a password.

use std::fmt::Debug;

use soniq_runtime::testing::Cluster;
use soniq_runtime::{Error, Scheduler, Settings, Soniq, Worker};
use uuid::Uuid;

use crate::log::Log;
use crate::support::{Running, bed, bed_on, counting, eventually, probe, quick, task};

const PASSWORD: &str = "hunter2";

/// What may be shown of a handle with these settings, and of all that it meets.
async fn shown(settings: Settings) -> String {
    let mut text = debug(&settings);
    let soniq = match Soniq::with_settings(settings) {
        Ok(soniq) => soniq,
        Err(error) => return text + &told(&error),
    };
    text += &debug(&soniq);
    text += &debug(&soniq.jobs());
    let (handler, _) = counting();
    let worker = Worker::builder(&soniq).handler(handler);
    text += &debug(&worker);
    let worker = worker.build().unwrap();
    text += &debug(&worker);
    text += &debug(&Scheduler::new(&soniq));
    let errors = [
        soniq.setup().await.err(),
        soniq.check_schema().await.err(),
        soniq.stats().await.err(),
        soniq.jobs().get(Uuid::nil()).await.err(),
        task().enqueue(&soniq, probe(1)).await.err(),
        worker.run_once().await.err(),
    ];
    errors
        .iter()
        .flatten()
        .fold(text, |text, error| text + &told(error))
}

fn debug(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}\n")
}

fn told(error: &Error) -> String {
    let mut text = String::new();
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        text += &error.to_string();
        text += &debug(&error);
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn no_text_holds_the_password() {
    let cluster = Cluster::start_tcp().await.unwrap();
    let config: tokio_postgres::Config = cluster.url("postgres").parse().unwrap();
    let server = format!("127.0.0.1:{}", config.get_ports()[0]);
    let right = bed().await.database.url().to_owned();
    for (url, part) in [
        (format!("mysql://u:{PASSWORD}@h/d"), "scheme"),
        (
            format!("postgres://u:{PASSWORD}@h:port/d"),
            "percent-encoded",
        ),
        (
            format!("postgres://u:{PASSWORD}@h/d?sslmode=maybe"),
            "sslmode",
        ),
        (
            format!("host=h password={PASSWORD} port=x"),
            "percent-encoded",
        ),
        (
            format!("postgres://u:{PASSWORD}@h/d?sslmode=verify-full&sslrootcert=/no/such"),
            "/no/such",
        ),
        (
            format!("postgres://u:{PASSWORD}@127.0.0.1:1/d"),
            "127.0.0.1:1",
        ),
        (
            format!("postgres://u@127.0.0.1:1/d?password={PASSWORD}"),
            "127.0.0.1:1",
        ),
        (
            format!("host=127.0.0.1 port=1 user=u password='{PASSWORD}'"),
            "127.0.0.1:1",
        ),
        (
            format!("postgres://u:{PASSWORD}@no.such.host.invalid/d"),
            "no.such.host.invalid",
        ),
        (
            format!("postgres://u:{PASSWORD}@127.0.0.1:1,{server}/d"),
            "password authentication",
        ),
        (
            format!("postgres://soniq:{PASSWORD}@{server}/d?sslmode=require"),
            "TLS",
        ),
    ] {
        let text = shown(quick(&url)).await;
        assert!(!text.contains(PASSWORD), "{text}");
        assert!(text.contains(part), "{part}: {text}");

        let mut settings = quick(&right);
        settings.session_url = Some(url);
        let text = shown(settings).await;
        assert!(!text.contains(PASSWORD), "{text}");
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_worker_whose_password_is_refused_does_not_log_it() {
    let (log, _guard) = Log::start();
    let cluster = Cluster::start_tcp().await.unwrap();
    let bed = bed_on(&cluster).await;
    let config: tokio_postgres::Config = bed.database.url().parse().unwrap();
    let password = String::from_utf8(config.get_password().unwrap().to_vec()).unwrap();
    let (handler, _) = counting();
    let worker = Running::start(bed.worker(handler));
    bed.wait_for("SELECT count(*) FROM soniq_workers", 1).await;
    bed.client
        .batch_execute(
            "ALTER ROLE soniq PASSWORD 'another';
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    let refused = async || !log.lines_with("password authentication failed").is_empty();
    assert!(eventually(refused).await, "{}", log.text());
    assert!(!log.text().contains(&password), "{}", log.text());
    worker.kill();
}
