use soniq_generated::company::billing::send_invoice::{Args, Handler, Output, handler, v1};
use soniq_runtime::{JobContext, JobError};

struct Mailer;

impl Handler for Mailer {
    async fn handle(&self, _args: Args, _ctx: &JobContext) -> Result<Output, JobError> {
        Err(std::io::Error::other("no mail server").into())
    }

    fn upgrade_v1(&self, _old: v1::Args) -> Result<Args, JobError> {
        Err(std::io::Error::other("no ledger").into())
    }
}

fn main() {
    let _ = handler(Mailer);
}
