use soniq_generated::company::billing::send_invoice::{Args, Handler, Output, handler};
use soniq_runtime::{JobContext, JobError};

struct Mailer;

impl Handler for Mailer {
    async fn handle(&self, _args: Args, _ctx: &JobContext) -> Result<Output, JobError> {
        Err(std::io::Error::other("no mail server").into())
    }
}

fn main() {
    let _ = handler(Mailer);
}
