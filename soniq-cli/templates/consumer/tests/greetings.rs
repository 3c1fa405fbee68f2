//! Jobs from being enqueued to being done, each test on a store of its own in memory.

use std::error::Error;

use consumer::Greeter;
use consumer::tasks::greetings::{handlers, send_greeting};
use soniq_runtime::{Worker, testing};

#[tokio::test]
async fn a_greeting_is_sent() -> Result<(), Box<dyn Error>> {
    let soniq = testing::memory();
    let worker = Worker::builder(&soniq)
        .handlers(handlers(Greeter))
        .build()?;

    // The first of the task's examples in the contract.
    send_greeting::enqueue(&soniq, send_greeting::Args::example()).await?;

    soniq.drain(&worker).await?.assert_done(1);
    Ok(())
}

#[test]
fn a_name_is_not_empty() {
    let refused = send_greeting::Args::builder().name("").build();
    assert!(refused.is_err_and(|error| error.to_string().contains("/name")));
}
