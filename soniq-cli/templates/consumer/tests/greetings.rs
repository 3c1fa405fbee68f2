//! Jobs from being enqueued to being done, each test on a database of its own.

use std::error::Error;

use consumer::Greeter;
use consumer::tasks::greetings::{handlers, send_greeting};
use soniq_runtime::{Soniq, Status, Worker, testing};

#[tokio::test]
async fn a_greeting_is_sent() -> Result<(), Box<dyn Error>> {
    let database = testing::database().await?;
    let soniq = Soniq::connect(database.url())?;
    soniq.setup().await?;
    let worker = Worker::builder(&soniq)
        .handlers(handlers(Greeter))
        .build()?;

    // The first of the task's examples in the contract.
    let job = send_greeting::enqueue(&soniq, send_greeting::Args::example()).await?;
    assert_eq!(worker.run_once().await?, 1);

    let job = soniq.jobs().get(job.id()).await?.ok_or("the job is gone")?;
    assert_eq!(job.status, Status::Done);
    Ok(())
}

#[test]
fn a_name_is_not_empty() {
    let refused = send_greeting::Args::builder().name("").build();
    assert!(refused.is_err_and(|error| error.to_string().contains("/name")));
}
