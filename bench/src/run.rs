//! All groups of figures, in the order in which they are measured.

use crate::report::{Figure, Report, Section, medians, say};
use crate::server::{Server, machine};
use crate::{Failure, Size};
use crate::{bare, crash, drain, enqueue, generation, latency, together};

/// What to measure.
#[derive(Debug)]
pub struct Plan {
    /// How much.
    pub size: Size,
    /// How often the figures that are compared with an aim are measured; the median counts.
    pub rounds: u32,
    /// This project's drains only, and nothing to compare with.
    pub drain_only: bool,
    /// Figures that were counted before.
    pub given: Vec<Figure>,
    /// The options of this run, for the report.
    pub options: String,
}

/// Measures what the plan says.
///
/// # Errors
/// The server refuses, or a worker fails.
pub async fn run(plan: Plan) -> Result<Report, Failure> {
    let mut machine = machine();
    let server = Server::start().await?;
    let latency = server.disk_latency()?;
    let latency = format!("{latency:.2} ms (fdatasync after 8 KiB, median of 200)");
    machine.push(("disk".to_owned(), latency));
    machine.extend(server.settings().await?);
    let mut report = Report {
        date: chrono::Utc::now().date_naive().to_string(),
        options: plan.options.clone(),
        machine,
        sections: Vec::new(),
        steady: Vec::new(),
    };
    let mut add = |title: &str, ratio: &'static str, figures| {
        report.sections.push(Section {
            title: title.to_owned(),
            ratio,
            figures: medians(figures),
        });
    };
    if plan.drain_only {
        let mut drains = Vec::new();
        for _ in 0..plan.rounds {
            drains.extend(drain::measure(&server, plan.size).await?);
        }
        add("This project", "of bare", drains);
        return Ok(report);
    }
    let (bare, soniq) = compared(&server, &plan).await?;
    add("This project", "of bare", soniq);
    add("The bare database", "", bare);
    add("Beside the server", "", beside(&plan)?);
    Ok(report)
}

/// The bare database and this project, in turns, so that what disturbs one disturbs the other.
async fn compared(server: &Server, plan: &Plan) -> Result<(Vec<Figure>, Vec<Figure>), Failure> {
    let size = plan.size;
    let (mut bare, mut soniq) = (Vec::new(), Vec::new());
    for round in 1..=plan.rounds {
        say(&format!("round {round} of {}", plan.rounds));
        if round == 1 {
            bare.extend(bare::measure(server, size).await?);
        } else {
            bare.extend(bare::compared(server, size).await?);
        }
        soniq.extend(enqueue::measure(server, size).await?);
        soniq.extend(drain::measure(server, size).await?);
    }
    soniq.extend(drain::on_tables_of_python(server, size).await?);
    soniq.extend(latency::measure(server, size).await?);
    soniq.extend(together::measure(server, size).await?);
    soniq.extend(crash::measure(server).await?);
    Ok((bare, soniq))
}

fn beside(plan: &Plan) -> Result<Vec<Figure>, Failure> {
    let mut figures = generation::measure(plan.size)?;
    figures.extend(plan.given.iter().cloned());
    Ok(figures)
}
