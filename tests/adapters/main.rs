//! Jobs in the transactions of the libraries that users have: one set of tests, held against each.
#![allow(clippy::panic, clippy::unwrap_used, reason = "tests")]

mod behaviour;
mod library;
mod quirks;
mod support;

/// Runs what [`behaviour`] says of every library against the one named.
macro_rules! hold {
    ($library:ident: $($behaviour:ident)+) => {$(
        #[tokio::test]
        async fn $behaviour() {
            crate::behaviour::$behaviour::<crate::library::$library>().await;
        }
    )+};
}

macro_rules! hold_each {
    ($($module:ident: $library:ident),+ $(,)?) => {$(
        mod $module {
            hold! { $library:
                a_commit_enqueues_and_a_worker_runs_it
                a_rollback_leaves_nothing
                a_queued_twin_is_returned_and_the_transaction_goes_on
                a_unique_job_meets_its_twin
                a_thousand_are_written_in_one_call
                many_meet_their_twins
                options_go_before_the_contract
                odd_values_arrive_as_they_are
                invalid_arguments_write_nothing_and_the_transaction_goes_on
                a_serialization_failure_is_passed_on
                a_lost_connection_is_transient
                a_job_is_completed_with_what_its_handler_wrote
                a_completion_that_is_rolled_back_is_a_failed_attempt
            }
        }
    )+};
}

hold_each! {
    tokio_postgres: TokioPostgres,
    deadpool: Deadpool,
    sqlx: Sqlx,
    diesel_async: DieselAsync,
    sea_orm: SeaOrm,
}
