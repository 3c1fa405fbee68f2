//! What generated code makes the compiler say to whoever forgets something.

#[test]
fn rows_of_retired_versions_are_upgraded_or_it_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/must_compile/upgrade.rs");
    cases.compile_fail("tests/must_not_compile/no_upgrade.rs");
}
