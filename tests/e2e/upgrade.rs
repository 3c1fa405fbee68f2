//! A rolling deploy: the programs of an earlier release and of this one share a database.
//!
//! `cargo xtask upgrade` builds the earlier release and says where its programs are. Without that, as
//! in the suite, this release stands for it too: then this shows that several of one release get
//! along, and that the test works on the day it is needed.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Child;

use crate::processes::{SOON, Shop, assert_ok, programs, terminate};

const LEFT: &str = "SELECT count(*) FROM soniq_jobs WHERE status IN ('queued', 'processing')";
const DONE: &str = "SELECT count(*) FROM soniq_jobs
                    WHERE status = 'done' AND job_name = 'billing.send_invoice.v2'";

/// Each must find nothing.
const PROBLEMS: [(&str, &str); 5] = [
    (
        "orders without a finished invoice",
        "SELECT count(*) FROM orders WHERE id::text NOT IN (
           SELECT args ->> 'invoice_id' FROM soniq_jobs WHERE status = 'done')",
    ),
    (
        "invoices that were never sent",
        "SELECT count(*) FROM orders WHERE id NOT IN (SELECT invoice_id FROM invoice_runs)",
    ),
    (
        "invoices without an order, as of a transaction that was rolled back",
        "SELECT count(*) FROM invoice_runs WHERE invoice_id NOT IN (SELECT id FROM orders)",
    ),
    (
        "dead letters",
        "SELECT count(*) FROM soniq_dead_letter_jobs",
    ),
    (
        "firings that the schedule did not count, or the other way round",
        "SELECT abs((SELECT sum(run_count) FROM soniq_schedules) - (
           SELECT count(*) FROM soniq_jobs WHERE job_name = 'billing.close_month.v1'))::bigint",
    ),
];

/// The programs of one release.
struct Release<'a> {
    shop: &'a Shop,
    programs: PathBuf,
}

impl Release<'_> {
    async fn setup(&self) {
        let consumer = "cross-service-consumer";
        let mut setup = self.shop.program_in(&self.programs, consumer, &["setup"]);
        assert_ok(&setup.output().await.unwrap());
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self
            .shop
            .program_in(&self.programs, "cross-service-consumer", arguments);
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    /// Forty orders that stay, and ten that are rolled back.
    async fn sell(&self) {
        let arguments = ["--orders", "50", "--rollback-rate", "0.2"];
        let mut producer =
            self.shop
                .program_in(&self.programs, "cross-service-producer", &arguments);
        assert_ok(&producer.output().await.unwrap());
    }
}

#[tokio::test]
async fn an_upgrade_in_the_midst_of_work_loses_nothing() {
    let shop = Shop::empty().await;
    let earlier = std::env::var_os("SONIQ_EARLIER_PROGRAMS");
    let earlier = Release {
        shop: &shop,
        programs: earlier.map_or_else(|| programs().to_owned(), PathBuf::from),
    };
    let present = Release {
        shop: &shop,
        programs: programs().to_owned(),
    };
    let failing = ["worker", "--fail-rate", "0.1", "--send-time", "0.02"];

    // The earlier release alone, and with it everything that runs on through the deploy.
    earlier.setup().await;
    let mut doomed = earlier.start(&failing);
    let mut last = earlier.start(&failing);
    let mut schedulers = vec![earlier.start(&["scheduler"])];
    shop.wait_for("SELECT count(*) FROM soniq_schedules", 1, SOON)
        .await;
    earlier.sell().await;

    // The schema is brought up to date under its feet; its workers run what the new producers write.
    tokio::join!(earlier.sell(), present.setup());
    present.sell().await;
    fire(&shop, 1).await;
    shop.wait_for(LEFT, 0, SOON).await;
    assert_eq!(shop.count(DONE).await, 120);

    // Both releases at once. One of each is killed, and whoever is left rescues what they had.
    let mut killed = present.start(&failing);
    let mut worker = present.start(&failing);
    schedulers.push(present.start(&["scheduler"]));
    shop.wait_for("SELECT count(*) FROM soniq_workers", 4, SOON)
        .await;
    tokio::join!(earlier.sell(), present.sell());
    doomed.kill().await.unwrap();
    killed.kill().await.unwrap();
    tokio::join!(earlier.sell(), present.sell());
    fire(&shop, 2).await;
    shop.wait_for(LEFT, 0, SOON).await;
    assert_eq!(shop.count(DONE).await, 280);

    // The new workers alone, with what producers that are yet to be deployed write.
    terminate(&last).await;
    assert!(last.wait().await.unwrap().success());
    earlier.sell().await;
    shop.wait_for(LEFT, 0, SOON).await;
    assert_eq!(shop.count(DONE).await, 320);
    for child in schedulers.iter_mut().chain([&mut worker]) {
        terminate(child).await;
        assert!(child.wait().await.unwrap().success());
    }
    for (problem, sql) in PROBLEMS {
        assert_eq!(shop.count(sql).await, 0, "{problem}");
    }
}

/// Makes the schedule due; it fires for the `count`th time.
async fn fire(shop: &Shop, count: i64) {
    let due = "UPDATE soniq_schedules SET next_run = now()";
    shop.client.batch_execute(due).await.unwrap();
    let fired = "SELECT sum(run_count)::bigint FROM soniq_schedules";
    shop.wait_for(fired, count, SOON).await;
}
