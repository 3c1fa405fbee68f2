//! Nothing: the tests of this package are in folders of their own, one per area.
