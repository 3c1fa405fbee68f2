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

/// Contracts such as teams have.
pub mod real_world {
    include!(concat!(env!("OUT_DIR"), "/real-world/mod.rs"));
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
