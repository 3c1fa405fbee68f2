//! TLS with a server whose certificate a test authority signed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::PathBuf;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use soniq_runtime::testing::Cluster;
use soniq_runtime::{Soniq, Worker};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::support::{Running, bed_on, counting, eventually, probe, quick, task};

/// A server at 127.0.0.1 with TLS, whose certificate is for `localhost`.
struct Server {
    cluster: Cluster,
    /// Its authority's certificate.
    authority: PathBuf,
    /// The certificate of an authority that has nothing to do with it.
    stranger: PathBuf,
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

async fn server() -> &'static Server {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    SERVER.get_or_init(start).await
}

async fn start() -> Server {
    let cluster = Cluster::start_tcp().await.unwrap();
    let directory = cluster.directory().unwrap().to_owned();
    let account = fs::metadata(&directory).unwrap();
    // Postgres takes a key that is its own, and that nobody else can read.
    let write = |name: &str, text: String| {
        let path = directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        chown(&path, Some(account.uid()), Some(account.gid())).unwrap();
        path
    };
    let (ours, theirs) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &ours).unwrap();
    let certificate = write("server.pem", certificate.pem());
    let key = write("server.key", key.serialize_pem());
    let server = Server {
        authority: write("authority.pem", ours.pem()),
        stranger: write("stranger.pem", theirs.pem()),
        cluster,
    };
    let database = server.cluster.database().await.unwrap();
    let client = database.connect().await.unwrap();
    for statement in [
        format!(
            "ALTER SYSTEM SET ssl_cert_file = '{}'",
            certificate.display()
        ),
        format!("ALTER SYSTEM SET ssl_key_file = '{}'", key.display()),
        "ALTER SYSTEM SET ssl = on".to_owned(),
        "SELECT pg_reload_conf()".to_owned(),
    ] {
        client.batch_execute(&statement).await.unwrap();
    }
    let required = with_options(&server, "127.0.0.1", "sslmode=require");
    let serves = async || encrypted(&server.cluster, &required).await.is_ok();
    assert!(eventually(serves).await);
    server
}

/// A URL of the server by this name of it.
fn with_options(server: &Server, host: &str, options: &str) -> String {
    let url = server.cluster.url("postgres").replace("127.0.0.1", host);
    format!("{url}?{options}")
}

/// Whether a handle's connection at `url` is encrypted, as the server sees it; else all of the error.
async fn encrypted(cluster: &Cluster, url: &str) -> Result<bool, String> {
    const SEEN: &str = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                        WHERE application_name = $1";
    let name = Uuid::now_v7().simple().to_string();
    let url = format!("{url}&application_name={name}");
    let all = |error: soniq_runtime::Error| format!("{error} {error:?}");
    let soniq = Soniq::with_settings(quick(&url)).map_err(all)?;
    soniq.migrations().await.map_err(all)?;
    let observer = cluster.database().await.unwrap().connect().await.unwrap();
    let row = observer.query_one(SEEN, &[&name]).await.unwrap();
    Ok(row.get(0))
}

fn password(cluster: &Cluster) -> String {
    let url: tokio_postgres::Config = cluster.url("postgres").parse().unwrap();
    String::from_utf8(url.get_password().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn what_sslmode_asks_for_is_what_is_accepted() {
    let server = server().await;
    let ours = format!("&sslrootcert={}", server.authority.display());
    let theirs = format!("&sslrootcert={}", server.stranger.display());
    for (host, options, expected) in [
        ("localhost", format!("sslmode=verify-full{ours}"), Ok(true)),
        (
            "127.0.0.1",
            format!("sslmode=verify-full{ours}"),
            Err("not valid for name"),
        ),
        (
            "localhost",
            format!("sslmode=verify-full{theirs}"),
            Err("certificate"),
        ),
        ("127.0.0.1", format!("sslmode=verify-ca{ours}"), Ok(true)),
        (
            "localhost",
            format!("sslmode=verify-ca{theirs}"),
            Err("certificate"),
        ),
        // The system's authorities do not know this one either.
        (
            "localhost",
            "sslmode=verify-full".to_owned(),
            Err("certificate"),
        ),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/no/such.pem".to_owned(),
            Err("/no/such.pem"),
        ),
        ("localhost", "sslmode=require".to_owned(), Ok(true)),
        ("localhost", "sslmode=prefer".to_owned(), Ok(true)),
        ("localhost", "sslmode=disable".to_owned(), Ok(false)),
    ] {
        let found = encrypted(&server.cluster, &with_options(server, host, &options)).await;
        match (&found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(*found, expected, "{host} {options}"),
            (Err(text), Err(part)) => {
                assert!(text.contains(part), "{host} {options}: {text}");
                assert!(!text.contains(&password(&server.cluster)), "{text}");
            }
            _ => panic!("{host} {options}: {found:?}, expected {expected:?}"),
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let cluster = Cluster::start_tcp().await.unwrap();
    let url = cluster.url("postgres");
    for mode in ["require", "verify-ca", "verify-full"] {
        // Any authority will do: it does not come to that.
        let authority = server().await.authority.display();
        let url = format!("{url}?sslmode={mode}&sslrootcert={authority}");
        let text = encrypted(&cluster, &url).await.unwrap_err();
        assert!(text.contains("server does not support TLS"), "{text}");
        assert!(text.contains("127.0.0.1:"), "{text}");
        assert!(!text.contains(&password(&cluster)), "{text}");
    }
    let preferred = format!("{url}?sslmode=prefer");
    assert_eq!(encrypted(&cluster, &preferred).await, Ok(false));
}

/// Its session too, which connects outside the pool.
#[tokio::test]
async fn a_worker_runs_over_a_verified_connection() {
    let server = server().await;
    let bed = bed_on(&server.cluster).await;
    let authority = server.authority.display();
    let url = bed.database.url().replace("127.0.0.1", "localhost");
    let mut settings = quick(&format!(
        "{url}?sslmode=verify-full&sslrootcert={authority}"
    ));
    settings.poll_interval = Duration::from_secs(3600);
    let soniq = Soniq::with_settings(settings).unwrap();
    let (handler, runs) = counting();
    let worker = Running::start(Worker::builder(&soniq).handler(handler).build().unwrap());
    let advertised = "SELECT count(*) FROM soniq_workers WHERE metadata ? 'liveness_lock'";
    bed.wait_for(advertised, 1).await;
    task().enqueue(&soniq, probe(1)).await.unwrap();
    assert!(eventually(async || *runs.lock().unwrap() == [1]).await);
    let plain = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE datname = current_database() AND application_name = 'soniq' AND NOT ssl";
    assert_eq!(bed.count(plain).await, 0);
    worker.stop().await;
}
