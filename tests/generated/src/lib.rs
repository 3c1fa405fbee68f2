//! Generated code under test.
//!
//! [`company`] and [`shapes`] are what a user has: modules that bring their own lint attributes. In
//! [`bare`] the same files stand without them, so what the attributes would hide shows here.
#![deny(warnings, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

/// The example company's contracts.
pub mod company {
    soniq_runtime::include_contracts!();
}

/// Contracts with every shape that a schema can take.
pub mod shapes {
    include!(concat!(env!("OUT_DIR"), "/shapes/mod.rs"));
}

/// Contracts that `soniq-codegen import` made of the schemas of other tools.
pub mod imported {
    include!(concat!(env!("OUT_DIR"), "/imported/mod.rs"));
}

/// The example company's contracts, with strategies of proptest.
pub mod drawn {
    include!(concat!(env!("OUT_DIR"), "/drawn/mod.rs"));
}

/// One namespace, to enqueue.
pub mod producer {
    include!(concat!(env!("OUT_DIR"), "/producer/mod.rs"));
}

/// One namespace, to handle.
pub mod consumer {
    include!(concat!(env!("OUT_DIR"), "/consumer/mod.rs"));
}

/// A private module, as binaries have it: nothing in it is reachable.
mod private {
    soniq_runtime::include_contracts!();
}

/// The company's files without the attributes of their `mod.rs`.
#[expect(
    clippy::collapsible_if,
    clippy::must_use_candidate,
    clippy::option_option,
    clippy::unnecessary_wraps,
    reason = "the only lints that generated code leans on its attributes for"
)]
pub mod bare {
    /// Billing.
    pub mod billing {
        include!(concat!(env!("OUT_DIR"), "/soniq/billing.rs"));
    }
    /// Emails.
    pub mod emails {
        include!(concat!(env!("OUT_DIR"), "/soniq/emails.rs"));
    }
    /// Reports.
    pub mod reports {
        include!(concat!(env!("OUT_DIR"), "/soniq/reports.rs"));
    }
}

/// A builder whose required fields are all set has a `build`:
///
/// ```
/// use soniq_generated::company::billing::close_month;
///
/// assert!(close_month::Args::builder().build().is_ok());
/// ```
///
/// One with a field missing has none; `customer` here:
///
/// ```compile_fail,E0599
/// use soniq_generated::company::billing::{Currency, Money, send_invoice};
///
/// let total = Money { amount_minor: 1, currency: Currency::Eur };
/// let id = "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11".parse::<uuid::Uuid>();
/// let _ = id.map(|id| send_invoice::Args::builder().invoice_id(id).total(total).build());
/// ```
///
/// A handler that does not upgrade the rows of a retired version is none:
///
/// ```compile_fail,E0046
/// use soniq_generated::company::billing::send_invoice;
/// use soniq_runtime::{JobContext, JobError};
///
/// struct Billing;
///
/// impl send_invoice::Handler for Billing {
///     async fn handle(
///         &self,
///         _args: send_invoice::Args,
///         _ctx: &JobContext,
///     ) -> Result<send_invoice::Output, JobError> {
///         Ok(send_invoice::Output { message_id: None })
///     }
/// }
/// ```
///
/// A deprecated task warns where it is enqueued, and only there:
///
/// ```compile_fail
/// #![deny(deprecated)]
/// let _ = soniq_generated::shapes::shapes::defaults::task();
/// ```
///
/// A value that an open enum does not list cannot be made up:
///
/// ```compile_fail,E0423
/// use soniq_generated::company::billing::Currency;
/// use soniq_runtime::UnknownValue;
///
/// let _ = Currency::Other(UnknownValue("CHF".to_owned()));
/// ```
pub mod what_must_not_compile {}
