//! Stored schedules: kept as the contracts say, fired when due, operated by hand.
//!
//! Plain ones (an interval, or cron in UTC) are in the table that every Soniq's scheduler reads;
//! those with a time zone or a catch-up policy are in one of ours.

mod fire;
mod operate;
mod reconcile;
mod stored;

pub(crate) use self::fire::{fire, next_firing};
pub(crate) use self::operate::{pause, remove, resume};
pub(crate) use self::reconcile::reconcile;
pub(crate) use self::stored::list;
