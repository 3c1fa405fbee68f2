//! Compatibility: when may a contract change?
//!
//! Rows outlive builds. A job may lie scheduled for weeks or among the dead letters for months, while
//! producers and workers are deployed on their own days. So a change is judged by values: is every
//! value that one side *writes* one that the other side *reads*?
//!
//! - A producer writes what its generated types hold: declared properties only, unless the schema
//!   speaks of others; every rule checked; defaults filled in.
//! - A reader takes what the schema admits, after older names and defaults, with unknown properties
//!   ignored unless the object is closed.
//!
//! [`compare`] holds released versions against a new state, in two steps that know nothing of each
//! other. A *difference* names what was changed, in the terms of [`rules`]. *Containment* decides
//! whether it does any harm: it proves that everything is read, or finds a value that is not, or says
//! that it can do neither. The verdict is containment's: a change that it finds harmless is safe, and
//! harm that no change accounts for is told by a rule of its own.
//!
//! Invariant: nothing is called safe that is not proven. Whatever is bounded - work, depth, numbers
//! of alternatives - ends as unproven.
//!
//! Invariant: nothing is called breaking because of values without one that both sides were asked
//! about.

mod compare;
mod containment;
mod diff;
mod finding;
mod operation;
mod proof;
mod reader;
mod released;
pub mod rules;
mod text;
mod witness;
mod writer;

pub use compare::{Census, Options, compare};
pub use containment::{Verdict, containment};
pub use finding::{Direction, Finding, Level};
pub use released::{Operation, Record, Released};
