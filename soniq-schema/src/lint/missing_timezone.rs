//! A time of day without the zone that it is in.

use crate::contract::{Contracts, Task, Trigger};
use crate::diagnostic::{Diagnostic, codes};

pub(super) fn check(_: &Contracts, task: &Task) -> Option<Diagnostic> {
    let schedule = task.schedule.as_ref()?;
    let Trigger::Cron(cron) = &schedule.trigger else {
        return None;
    };
    // What fires in every hour of every day does so in every zone.
    let is_hourly = cron.split_whitespace().skip(1).all(|field| field == "*");
    if schedule.timezone.is_some() || is_hourly {
        return None;
    }
    let message = format!("the schedule of `{}` has no `timezone`", task.key);
    let lint = Diagnostic::new(codes::MISSING_TIMEZONE, message, &schedule.location);
    Some(lint.label(format!("`{cron}` is in UTC")))
}
