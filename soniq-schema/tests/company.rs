//! The example company's contracts load without a word.

use std::path::Path;

use soniq_schema::diagnostic::{Style, render};

#[test]
fn contracts_of_the_example_company() {
    let loaded = soniq_schema::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts"));
    let text = render(&loaded.diagnostics, &loaded.contracts.sources, Style::Plain);
    assert_eq!(text, "");
    let names: Vec<_> = loaded
        .contracts
        .contracts
        .iter()
        .flat_map(|contract| &contract.tasks)
        .map(|task| task.name.as_str())
        .collect();
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
