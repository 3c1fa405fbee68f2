//! One source, a test per backend.
//!
//! A module of tests lists them once, as `conformance! { a_test; another needs shared_tables; }`, and
//! each becomes `postgres::a_test`, `sqlite::a_test` and `memory::a_test` in that module. A test is
//! a function of a [`Bed`](crate::bed::Bed) and knows no backend: where they differ, a backend says
//! so in its [`Capabilities`], and the tests that need more are listed as ignored, with the reason.

/// What a backend can do that not all can.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Capabilities {
    /// Its tables are shared with programs that read and write them as they like: it has rows which no
    /// Soniq for Rust wrote.
    pub(crate) shared_tables: bool,
}

/// The tests of a module, on every backend.
macro_rules! conformance {
    ($($test:ident $(needs $($need:ident)+)?;)+) => {
        mod postgres {
            $(case!(postgres $test [$($($need)+)?]);)+
        }
    };
}

/// One test on one backend, run where the backend can do all that the test needs.
macro_rules! case {
    ($backend:ident $test:ident [$need:ident $($more:ident)*]) => {
        const _: () = assert!(crate::bed::$backend::CAPABILITIES.$need);
        case!($backend $test [$($more)*]);
    };
    ($backend:ident $test:ident []) => {
        #[tokio::test]
        async fn $test() {
            super::$test(crate::bed::$backend::bed().await).await;
        }
    };
}
