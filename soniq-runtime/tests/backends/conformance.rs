//! One source, a test per backend.
//!
//! A module of tests lists them once, as `conformance! { a_test; another needs shared_tables; }`, and
//! each becomes `postgres::a_test`, `sqlite::a_test` and `memory::a_test` in that module. A test is
//! a function of a [`Bed`](crate::bed::Bed) and knows no backend: where they differ, a backend says
//! so in its [`Capabilities`], and what it cannot do is listed as ignored, with the reason.

/// What a backend can do that not all can.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capabilities {
    /// Its tables are shared with programs that read and write them as they like: it has rows which no
    /// Soniq for Rust wrote.
    pub(crate) shared_tables: bool,
    /// It keeps with a job what only people read, as the key that it gave up.
    pub(crate) notes: bool,
}

/// The tests of a module, on every backend.
macro_rules! conformance {
    ($($test:ident $(needs $need:ident)?;)+) => {
        mod postgres {
            $(case!(postgres $test $($need)?);)+
        }
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(case!(sqlite $test $($need)?);)+
        }
        mod memory {
            $(case!(memory $test $($need)?);)+
        }
    };
}

/// One test on one backend. The first rules are the table of what a backend cannot do; it would not
/// compile if it said other than the backend's [`Capabilities`].
macro_rules! case {
    (sqlite $test:ident shared_tables) => {
        not_applicable!(sqlite $test shared_tables "its tables are not shared");
    };
    (memory $test:ident shared_tables) => {
        not_applicable!(memory $test shared_tables "it has no tables");
    };
    ($backend:ident $test:ident $($need:ident)?) => {
        $(const _: () = assert!(crate::bed::$backend::CAPABILITIES.$need);)?

        #[tokio::test]
        async fn $test() {
            super::$test(crate::bed::$backend::bed().await).await;
        }
    };
}

macro_rules! not_applicable {
    ($backend:ident $test:ident $need:ident $reason:literal) => {
        const _: () = assert!(!crate::bed::$backend::CAPABILITIES.$need);

        #[test]
        #[ignore = $reason]
        fn $test() {}
    };
}
