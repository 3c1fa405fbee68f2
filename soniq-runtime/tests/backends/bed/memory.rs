//! A store in this process, whose clock is moved.

use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, ready};
use serde_json::{Value, json};
use soniq_runtime::Soniq;
use soniq_runtime::testing::{self, Backstage};
use uuid::Uuid;

use super::{Bed, Store};
use crate::conformance::Capabilities;
use crate::probe::quick;

pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    shared_tables: false,
    notes: false,
};

#[expect(clippy::unused_async, reason = "as those of the others are")]
pub(crate) async fn bed() -> Bed {
    let store = testing::memory();
    let url = store.settings().database_url.clone().unwrap();
    Bed {
        soniq: Soniq::with_settings(quick(&url)).unwrap(),
        can: CAPABILITIES,
        store: Box::new(Memory(store)),
    }
}

struct Memory(Soniq);

impl Memory {
    fn backstage(&self) -> Backstage<'_> {
        Backstage::of(&self.0).unwrap()
    }

    /// At once: nothing in memory has to be waited for.
    fn act(&self, action: impl FnOnce(Backstage<'_>)) -> BoxFuture<'_, ()> {
        action(self.backstage());
        ready(()).boxed()
    }
}

impl Store for Memory {
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.0.advance(time).unwrap();
        ready(()).boxed()
    }

    fn claims(&self) -> BoxFuture<'_, usize> {
        ready(self.backstage().claims()).boxed()
    }

    fn everything_about(&self, job: Uuid) -> BoxFuture<'_, Value> {
        ready(json!(self.backstage().everything_about(job))).boxed()
    }

    fn given_up_key(&self, _: Uuid) -> BoxFuture<'_, Option<String>> {
        ready(None).boxed()
    }

    fn must_run_alone(&self, job: Uuid) -> BoxFuture<'_, ()> {
        self.act(|stage| stage.must_run_alone(job))
    }

    fn call_off_silently(&self, job: Uuid) -> BoxFuture<'_, ()> {
        let ttl = Duration::from_secs(250);
        self.act(|stage| stage.call_off_silently(job, ttl))
    }

    fn hand_over(&self, job: Uuid) -> BoxFuture<'_, ()> {
        self.act(|stage| stage.hand_over(job))
    }

    fn silence(&self, worker: Uuid, time: Duration) -> BoxFuture<'_, ()> {
        self.act(|stage| stage.silence(worker, time))
    }

    fn forget_workers(&self) -> BoxFuture<'_, ()> {
        self.backstage().forget_workers();
        ready(()).boxed()
    }

    fn take_all_for_dead(&self) -> BoxFuture<'_, ()> {
        self.backstage().take_all_for_dead();
        ready(()).boxed()
    }
}
