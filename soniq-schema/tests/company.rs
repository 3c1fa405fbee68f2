//! The example company's contracts load without a word.

use std::path::Path;

use soniq_schema::diagnostic::{Style, render};

#[test]
fn contracts_of_the_example_company() {
    let loaded = soniq_schema::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts"));
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert_eq!(text, "");
    let tasks = loaded.contracts.tasks();
    let names: Vec<_> = tasks.map(|(_, task)| task.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "billing.close_month.v1",
            "billing.refund_payment.v1",
            "billing.send_invoice.v2",
            "emails.send_digest.v1",
            "emails.send_receipt.v1",
            "emails.send_welcome.v1",
            "reports.refresh_dashboard.v1",
            "reports.render_report.v1",
        ]
    );
}

/// Fingerprints are kept in databases and lock files: a change here is a change for every user.
#[test]
fn canonical_forms_and_fingerprints() {
    let loaded = soniq_schema::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts"));
    let lines: Vec<_> = loaded
        .contracts
        .tasks()
        .map(|(_, task)| {
            let args = loaded.contracts.schemas.get(task.args);
            let fingerprint = soniq_schema::fingerprint(args);
            format!(
                "{} {fingerprint}\n{}\n",
                task.name,
                soniq_schema::canonical(args)
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
