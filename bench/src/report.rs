//! What was measured, as a table and as JSON.

use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

use serde::Serialize;

use crate::bars;
use crate::cost::Cost;

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Says on the standard error stream how far it is: a run takes minutes.
pub fn say(what: &str) {
    eprintln!("{:6.1} s  {what}", STARTED.elapsed().as_secs_f64());
}

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was done.
    pub what: String,
    /// How many of `unit`; the median where there were several rounds.
    pub value: f64,
    /// Of what.
    pub unit: &'static str,
    /// What each round found, in order of size.
    pub rounds: Vec<f64>,
    /// Jobs that the cost is of; 0 where it is of none.
    pub jobs: u32,
    /// What it cost.
    pub cost: Option<Cost>,
    /// The figure that it is compared with.
    pub against: Option<String>,
}

impl Figure {
    /// `jobs` a second, at `cost`.
    pub fn rate(what: impl Into<String>, jobs: u32, cost: Cost) -> Self {
        let value = f64::from(jobs) / cost.seconds;
        Figure {
            jobs,
            cost: Some(cost),
            ..Figure::plain(what, value, "jobs/s")
        }
    }

    /// A figure that costs nothing worth telling.
    pub fn plain(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Figure {
            what: what.into(),
            value,
            unit,
            rounds: vec![value],
            jobs: 0,
            cost: None,
            against: None,
        }
    }

    /// Says that it is there.
    #[must_use]
    pub fn announced(self) -> Self {
        say(&format!(
            "{}: {} {}",
            self.what,
            number(self.value),
            self.unit
        ));
        self
    }

    /// Compares it with the figure named `other`.
    #[must_use]
    pub fn against(mut self, other: impl Into<String>) -> Self {
        self.against = Some(other.into());
        self
    }

    /// Seconds of the server's processors for 10,000 jobs.
    pub fn server_cpu(&self) -> Option<f64> {
        let cost = self.cost.as_ref()?;
        Some(cost.server_cpu / f64::from(self.jobs) * 1e4)
    }

    /// Bytes of the server's log for a job.
    pub fn wal_per_job(&self) -> Option<f64> {
        let cost = self.cost.as_ref()?;
        Some(float(cost.wal_bytes) / f64::from(self.jobs))
    }
}

/// Of figures of several rounds, those of each name become its median one.
pub fn medians(figures: Vec<Figure>) -> Vec<Figure> {
    let mut groups: Vec<Vec<Figure>> = Vec::new();
    for figure in figures {
        match groups.iter_mut().find(|group| group[0].what == figure.what) {
            Some(group) => group.push(figure),
            None => groups.push(vec![figure]),
        }
    }
    let median = |mut group: Vec<Figure>| {
        group.sort_by(|one, other| one.value.total_cmp(&other.value));
        let rounds = group.iter().map(|figure| figure.value).collect();
        let middle = group.swap_remove(group.len() / 2);
        Figure { rounds, ..middle }
    };
    groups.into_iter().map(median).collect()
}

/// Figures that belong together.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What the figures that are compared with one are a part of.
    pub ratio: &'static str,
    /// What it found.
    pub figures: Vec<Figure>,
}

/// A count of things over time.
#[derive(Debug, Clone, Serialize)]
pub struct Series {
    /// Of what, and in which run.
    pub name: String,
    /// Of what.
    pub what: &'static str,
    /// Seconds since the start, and the count.
    pub points: Vec<(f64, f64)>,
}

/// All that one run found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day, by this machine's clock.
    pub date: String,
    /// How it was run.
    pub options: String,
    /// Processor and memory, versions, and the server's settings.
    pub machine: Vec<(String, String)>,
    /// The figures.
    pub sections: Vec<Section>,
    /// Of the runs at a steady rate.
    pub steady: Vec<Series>,
}

impl Report {
    /// Adds figures under a heading, those of several rounds as their median.
    pub fn add(&mut self, title: &str, ratio: &'static str, figures: Vec<Figure>) {
        self.sections.push(Section {
            title: title.to_owned(),
            ratio,
            figures: medians(figures),
        });
    }

    /// The figure of that name.
    pub fn find(&self, what: &str) -> Option<&Figure> {
        let mut figures = self.sections.iter().flat_map(|section| &section.figures);
        figures.find(|figure| figure.what == what)
    }

    /// A figure, divided by the one it is compared with.
    pub fn ratio(&self, figure: &Figure) -> Option<f64> {
        let other = self.find(figure.against.as_deref()?)?;
        Some(figure.value / other.value)
    }

    /// The whole of it for people. `plots` are files beside it.
    pub fn markdown(&self, plots: &[String]) -> String {
        let mut text = format!("# Benchmark of {}\n\n`{}`\n\n", self.date, self.options);
        for (name, value) in &self.machine {
            // Writing to a `String` does not fail.
            let _ = writeln!(text, "- {name}: {value}");
        }
        text.push_str("\n## Aims\n\n");
        text.push_str(&bars::table(self));
        for section in &self.sections {
            let _ = write!(text, "\n## {}\n\n", section.title);
            text.push_str(&self.table(section));
        }
        if !plots.is_empty() {
            text.push_str("\n## Plots\n\n");
        }
        for plot in plots {
            let _ = writeln!(text, "![{plot}]({plot})");
        }
        text
    }

    fn table(&self, section: &Section) -> String {
        let mut text = format!(
            "| what | figure | rounds | {} | WAL B/job | commits/job | dead rows/job | server CPU s/10,000 | own CPU s/10,000 |\n\
             |------|-------:|-------:|------:|----------:|------------:|--------------:|--------------------:|-----------------:|\n",
            section.ratio,
        );
        for figure in &section.figures {
            let rounds = match &figure.rounds[..] {
                [least, .., most] => format!("{} to {}", number(*least), number(*most)),
                _ => String::new(),
            };
            let ratio = self.ratio(figure);
            let _ = write!(
                text,
                "| {} | {} | {rounds} | {} |",
                figure.what,
                quantity(figure.value, figure.unit),
                ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
            );
            let Some(cost) = &figure.cost else {
                text.push_str(" | | | | |\n");
                continue;
            };
            let jobs = f64::from(figure.jobs);
            let _ = writeln!(
                text,
                " {:.0} | {:.3} | {:.2} | {:.2} | {:.2} |",
                float(cost.wal_bytes) / jobs,
                float(cost.commits) / jobs,
                float(cost.dead_rows) / jobs,
                cost.server_cpu / jobs * 1e4,
                cost.own_cpu / jobs * 1e4,
            );
        }
        text
    }
}

/// A count as a float. Those here are far from where it would lose digits.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn float(count: i64) -> f64 {
    count as f64
}

/// A number with its unit.
pub fn quantity(value: f64, unit: &str) -> String {
    format!("{} {unit}", number(value)).trim_end().to_owned()
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
