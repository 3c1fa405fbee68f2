//! Ids on the command line.

use uuid::Uuid;

/// Reads the id of a job or a dead letter.
pub(crate) fn parse(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| {
        "an id is a UUID, such as 01939f5e-7d3e-7a57-9a55-0d7d3c7f1a11: `soniq jobs list` and \
         `soniq dead-letter list` show them"
            .to_owned()
    })
}
