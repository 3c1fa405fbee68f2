//! Findings that are allowed, by whom and until when.

use crate::team::{Team, assert_not_run};

/// Adds what `--write-waiver` proposes, completed.
fn waive(team: &Team) {
    let proposed = team.check(&["--write-waiver"]).stdout;
    let proposed = proposed.split_once("compatible\n").unwrap().1;
    let proposed = proposed
        .replace("reason  = \"\"", "reason  = \"No payment is that long.\"")
        .replace("owner   = \"\"", "owner   = \"payments-team\"");
    let text = team.read("contracts/billing.toml");
    team.write("contracts/billing.toml", &(text + &proposed));
}

#[test]
fn a_waiver_allows_until_it_expires() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let empty = team.check(&["--write-waiver"]).stdout;
    insta::assert_snapshot!(empty.split_once("compatible\n").unwrap().1);
    waive(&team);
    let ran = team.check(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stdout);
    insta::assert_snapshot!(ran.stdout.lines().last().unwrap());
    assert!(
        ran.stdout
            .contains("waived until 2026-08-13 by payments-team")
    );
    let on = |day| team.run(&["check", "contracts", "--today", day]);
    assert_eq!(on("2026-08-13").status, 0);
    let ran = on("2026-08-14");
    assert_eq!(ran.status, 1);
    assert!(
        ran.stdout
            .contains("error[E052]: the waiver of B024 at /args/payment expired"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("breaking[B024]"));

    // Once it is released, there is nothing to allow.
    let ran = team.lock(&[]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let ran = team.check(&[]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.stdout
            .contains("warning[L016]: nothing is found by B024"),
        "{}",
        ran.stdout
    );
    assert!(!team.check(&["--only", "forward"]).stdout.contains("L016"));
}

#[test]
fn a_waiver_is_completed_and_exact() {
    let team = Team::locked();
    team.change("maxLength = 40", "maxLength = 4");
    let proposed = team.check(&["--write-waiver"]).stdout;
    let proposed = proposed.split_once("compatible\n").unwrap().1;
    let text = team.read("contracts/billing.toml");
    team.write("contracts/billing.toml", &format!("{text}{proposed}"));
    assert_not_run(&team.check(&[]), "the waiver has no `reason`");
    let completed = proposed.replace("\"\"", "\"x\"");
    for other in [
        completed.replace("/args/payment", "/args/*"),
        completed.replace("/args/payment", "/args"),
        completed.replace("B024", "F024"),
        completed.replace("B024", "*"),
    ] {
        team.write("contracts/billing.toml", &format!("{text}{other}"));
        let ran = team.check(&[]);
        assert_eq!(ran.status, 1, "{}", ran.stdout);
        assert!(ran.stdout.contains("L016"), "{}", ran.stdout);
    }
}
