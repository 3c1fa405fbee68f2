//! What generated builders are made of.

/// Stands for a required field that has not been set: `build()` exists only once none is left.
///
/// An error such as "no method named `build` found for `ArgsBuilder<Uuid, Missing>`" says that the
/// second required field of the arguments, in the order of the contract, is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Missing;
