//! Pictures of what was measured, beside the table.

use std::fs;
use std::path::Path;

use plotters::prelude::*;

use crate::report::{Report, Series};
use crate::{Failure, bare, growth};

const SIZE: (u32, u32) = (900, 480);

/// What a picture says.
struct Plot<'a> {
    title: &'a str,
    x: &'a str,
    y: &'a str,
    /// Whether a step to the right is a factor.
    logarithmic: bool,
    lines: Vec<Series>,
}

/// Draws what there is of throughput against batch, backlog and time into `folder`, under names that
/// begin with `stem`, which it gives back.
///
/// # Errors
/// A file cannot be written.
pub fn write(report: &Report, folder: &Path, stem: &str) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for (name, plot) in plots(report) {
        if plot.lines.iter().all(|line| line.points.is_empty()) {
            continue;
        }
        let name = format!("{stem}-{name}.svg");
        fs::write(folder.join(&name), plot.svg()?)?;
        names.push(name);
    }
    Ok(names)
}

fn plots(report: &Report) -> [(&'static str, Plot<'static>); 4] {
    let over_time = |what: &str| {
        let lines = report.steady.iter().filter(|series| series.what == what);
        lines.cloned().collect()
    };
    [
        (
            "batch",
            Plot {
                title: "Bare database: claim and completion against the size of a batch",
                x: "jobs a batch",
                y: "jobs/s",
                logarithmic: true,
                lines: against_batch(report),
            },
        ),
        (
            "backlog",
            Plot {
                title: "Drain against the rows beside it",
                x: "rows",
                y: "jobs/s",
                logarithmic: true,
                lines: against_backlog(report),
            },
        ),
        (
            "steady",
            Plot {
                title: "1,000 jobs/s over time",
                x: "seconds",
                y: "jobs/s",
                logarithmic: false,
                lines: over_time("jobs/s"),
            },
        ),
        (
            "dead-rows",
            Plot {
                title: "Dead rows over time, at 1,000 jobs/s",
                x: "seconds",
                y: "dead rows",
                logarithmic: false,
                lines: over_time("dead rows"),
            },
        ),
    ]
}

fn against_batch(report: &Report) -> Vec<Series> {
    let line = |kept: bool| {
        let point = |batch: u32| {
            let figure = report.find(&bare::cycle_name(batch, kept))?;
            Some((f64::from(batch), figure.value))
        };
        let name = if kept { "update" } else { "delete" };
        Series {
            name: format!("claim and {name}"),
            what: "jobs/s",
            points: bare::BATCHES.into_iter().filter_map(point).collect(),
        }
    };
    vec![line(true), line(false)]
}

fn against_backlog(report: &Report) -> Vec<Series> {
    let line = |backdrop: growth::Backdrop| {
        let figures = report.sections.iter().flat_map(|section| &section.figures);
        // Quick runs have other sizes than full ones.
        let points = figures.filter_map(|figure| {
            let rows = figure.what.strip_prefix("drain beside ")?;
            let rows = rows.strip_suffix(&format!(" rows {}", backdrop.name))?;
            Some((rows.parse().ok()?, figure.value))
        });
        Series {
            name: backdrop.name.to_owned(),
            what: "jobs/s",
            points: points.collect(),
        }
    };
    growth::BACKDROPS.into_iter().map(line).collect()
}

/// As many labels as there are powers of ten in so long an axis.
fn decades(length: f64) -> usize {
    (0..10)
        .take_while(|power| f64::from(*power) <= length)
        .count()
}

impl Plot<'_> {
    fn svg(&self) -> Result<String, Failure> {
        let place = |x: f64| if self.logarithmic { x.log10() } else { x };
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let (mut first, mut last, mut top) = (f64::INFINITY, f64::NEG_INFINITY, 1.0_f64);
        for &(x, y) in points() {
            (first, last) = (first.min(place(x)), last.max(place(x)));
            top = top.max(y);
        }
        let last = last.max(first + 1.0);

        let mut text = String::new();
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(84)
            .build_cartesian_2d(first..last, 0.0..top * 1.1)?;
        chart
            .configure_mesh()
            .x_desc(self.x)
            .x_labels(if self.logarithmic {
                decades(last - first)
            } else {
                10
            })
            .y_desc(self.y)
            .x_label_formatter(&|x| {
                let x = if self.logarithmic {
                    10_f64.powf(*x)
                } else {
                    *x
                };
                format!("{x:.0}")
            })
            .y_label_formatter(&|y| format!("{y:.0}"))
            .draw()?;
        for (index, line) in self.lines.iter().enumerate() {
            let color = Palette99::pick(index).to_rgba();
            let points = line.points.iter().map(|&(x, y)| (place(x), y));
            chart
                .draw_series(LineSeries::new(points, color.stroke_width(2)))?
                .label(&line.name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.4))
            .draw()?;
        area.present()?;
        drop(chart);
        drop(area);
        Ok(text)
    }
}
