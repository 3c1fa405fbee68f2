//! Stored schedules: kept as the contracts say, fired when due, operated by hand.

mod fire;
mod operate;
mod reconcile;
mod stored;

pub(crate) use self::fire::{fire, next_firing};
pub(crate) use self::operate::{pause, remove, resume};
pub(crate) use self::reconcile::reconcile;
pub(crate) use self::stored::list;
