//! What the tests of this package share. The tests themselves are in folders of their own, one per
//! area.

mod compiled;

pub use compiled::Compiled;
