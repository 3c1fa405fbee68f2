//! Handlers that guides speak of where they are about something else.

use soniq_runtime::{JobContext, JobError};

use crate::tasks::billing::{close_month, refund_payment, send_invoice};
use crate::tasks::emails::send_welcome;

pub(crate) struct Mailer;

impl send_welcome::Handler for Mailer {
    async fn handle(
        &self,
        _: send_welcome::Args,
        _: &JobContext,
    ) -> Result<send_welcome::Output, JobError> {
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct Billing;

impl send_invoice::Handler for Billing {
    async fn handle(
        &self,
        _: send_invoice::Args,
        _: &JobContext,
    ) -> Result<send_invoice::Output, JobError> {
        Ok(send_invoice::Output { message_id: None })
    }

    fn upgrade_v1(&self, old: send_invoice::v1::Args) -> Result<send_invoice::Args, JobError> {
        Err(JobError::permanent(old.invoice_id))
    }
}

impl refund_payment::Handler for Billing {
    async fn handle(
        &self,
        _: refund_payment::Args,
        _: &JobContext,
    ) -> Result<refund_payment::Output, JobError> {
        Ok(())
    }
}

impl close_month::Handler for Billing {
    async fn handle(
        &self,
        _: close_month::Args,
        _: &JobContext,
    ) -> Result<close_month::Output, JobError> {
        Ok(())
    }
}
