//! What people read about contracts, made from contracts alone.

pub mod docs;
