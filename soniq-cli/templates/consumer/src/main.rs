//! The service. Its commands are `setup`, `worker`, `scheduler`, `status` and `check-rows`.

use std::process::ExitCode;

use consumer::{Greeter, tasks};
use soniq_runtime::App;

#[tokio::main]
async fn main() -> ExitCode {
    let app = App::new(env!("CARGO_PKG_NAME"))
        .handlers(tasks::greetings::handlers(Greeter))
        // Without SONIQ_DATABASE_URL a build for development uses the file soniq.db.
        .or_local(cfg!(debug_assertions));
    soniq_runtime::main(app).await
}
