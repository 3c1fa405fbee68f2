//! Stores that handles of one process share by name, as `memory:orders`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::Store;

static STORES: Mutex<BTreeMap<String, Weak<Store>>> = Mutex::new(BTreeMap::new());

/// The store of this name while anybody has a handle on it, else a new one; one without a name is
/// nobody else's.
pub(super) fn find_or_make(name: &str) -> Arc<Store> {
    if name.is_empty() {
        return Arc::new(Store::new(name));
    }
    let mut stores = STORES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(store) = stores.get(name).and_then(Weak::upgrade) {
        return store;
    }
    stores.retain(|_, store| store.strong_count() > 0);
    let store = Arc::new(Store::new(name));
    stores.insert(name.to_owned(), Arc::downgrade(&store));
    store
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shared_for_as_long_as_somebody_has_it() {
        let first = find_or_make("names-test");
        assert!(Arc::ptr_eq(&first, &find_or_make("names-test")));
        assert!(!Arc::ptr_eq(&first, &find_or_make("names-test-2")));
        assert!(!Arc::ptr_eq(&find_or_make(""), &find_or_make("")));
        let gone = Arc::downgrade(&first);
        drop(first);
        assert!(gone.upgrade().is_none(), "kept by its name");
    }
}
