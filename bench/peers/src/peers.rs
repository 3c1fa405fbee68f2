//! The queues, one a file.

pub mod apalis;
pub mod awa;
pub mod graphile;
pub mod river;
pub mod underway;
