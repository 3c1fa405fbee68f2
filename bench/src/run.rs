//! All groups of figures, in the order in which they are measured.

use std::path::PathBuf;

use crate::report::{Figure, Report, say};
use crate::server::{Server, machine};
use crate::{Failure, Size};
use crate::{
    bare, crash, drain, enqueue, generation, growth, latency, peers, rebuild, spread, steady,
    together,
};

/// What to measure.
#[derive(Debug)]
pub struct Plan {
    /// How much.
    pub size: Size,
    /// How often the figures that are compared with an aim are measured; the median counts.
    pub rounds: u32,
    /// This project's drains only, and nothing to compare with.
    pub drain_only: bool,
    /// Nothing but what is asked for besides.
    pub only: bool,
    /// Also what becomes of a drain as tables grow, and of a steady rate over time.
    pub growth: bool,
    /// Also other queues, by this program.
    pub peers: Option<PathBuf>,
    /// Figures that were counted before.
    pub given: Vec<Figure>,
}

impl Plan {
    /// What a run has besides the figures that every run has, for the names of its files: so that a
    /// run with fewer does not take the place of one with more.
    pub fn stem(&self) -> String {
        let mut stem = String::new();
        for (part, there) in [
            ("-quick", self.size == Size::Quick),
            ("-drain", self.drain_only),
            ("-only", self.only),
            ("-peers", self.peers.is_some()),
            ("-growth", self.growth && self.size != Size::Long),
            ("-long", self.size == Size::Long),
        ] {
            if there {
                stem.push_str(part);
            }
        }
        stem
    }

    fn options(&self) -> String {
        let options = self.stem().replace('-', " --");
        format!("cargo xtask bench{options} --rounds {}", self.rounds)
    }
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
        options: plan.options(),
        machine,
        sections: Vec::new(),
        steady: Vec::new(),
    };
    if plan.drain_only {
        let mut drains = Vec::new();
        for _ in 0..plan.rounds {
            drains.extend(drain::measure(&server, plan.size).await?);
        }
        report.add("This project", "of bare", drains);
        return Ok(report);
    }
    if !plan.only {
        let (bare, soniq) = compared(&server, &plan).await?;
        report.add("This project", "of bare", soniq);
        report.add("The bare database", "", bare);
        report.add("Beside the server", "of by hand", beside(&plan)?);
    }
    if let Some(program) = &plan.peers {
        say("other queues");
        let peers = peers::measure(&server, plan.size, program).await?;
        report.add("Other queues", "of ours", peers);
    }
    if plan.growth {
        grown(&server, &plan, &mut report).await?;
    }
    Ok(report)
}

async fn grown(server: &Server, plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    say("growth");
    let backlogs = growth::measure(server, plan.size, plan.rounds).await?;
    report.add("Beside more and more rows", "of few rows", backlogs);
    let spread = spread::measure(server, plan.size).await?;
    report.add("Queues, processes, arguments", "of the first", spread);
    let (rates, series) = steady::measure(server, plan.size).await?;
    report.add("At a steady rate", "of the rate without", rates);
    report.steady = series;
    Ok(())
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
    figures.extend(rebuild::measure(plan.size)?);
    figures.extend(plan.given.iter().cloned());
    Ok(figures)
}
