//! The aims of this project, each beside what was measured.

use std::fmt::Write as _;

use crate::drain::DRAINS;
use crate::growth::{self, BACKDROPS};
use crate::report::{Figure, Report, quantity};
use crate::{Size, crash, enqueue, generation, latency, rebuild, steady, together};

/// What is to be reached.
#[derive(Debug, Clone, Copy)]
enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

use Aim::{AtLeast, AtMost};

impl Aim {
    fn met_by(self, value: f64) -> bool {
        match self {
            AtLeast(least) => value >= least,
            AtMost(most) => value <= most,
        }
    }

    fn told(self, unit: &str) -> String {
        match self {
            AtLeast(least) => format!("at least {}", quantity(least, unit)),
            AtMost(most) => format!("at most {}", quantity(most, unit)),
        }
    }
}

/// What of a figure is held against the aim.
type Measure = fn(&Report, &Figure) -> Option<f64>;

/// One aim.
struct Bar {
    /// The name of the figure.
    figure: String,
    /// Which of its properties, where it is not its value.
    property: &'static str,
    unit: Option<&'static str>,
    measure: Measure,
    aim: Aim,
}

fn value(figure: impl Into<String>, aim: Aim) -> Bar {
    Bar {
        figure: figure.into(),
        property: "",
        unit: None,
        measure: |_, figure| Some(figure.value),
        aim,
    }
}

fn ratio(figure: impl Into<String>, property: &'static str, aim: Aim) -> Bar {
    Bar {
        property,
        unit: Some(""),
        measure: |report, figure| report.ratio(figure),
        ..value(figure, aim)
    }
}

fn bars() -> Vec<Bar> {
    const OF_BARE: &str = ", of bare";
    let [untuned, _, kept, deleted] = DRAINS.map(crate::drain::Drain::name);
    let mut bars = vec![
        value(&untuned, AtLeast(25_000.0)),
        value(&deleted, AtLeast(90_000.0)),
        ratio(&deleted, OF_BARE, AtLeast(0.8)),
        value(&kept, AtLeast(55_000.0)),
        ratio(&kept, OF_BARE, AtLeast(0.9)),
        value(enqueue::name(1), AtLeast(4_000.0)),
        ratio(enqueue::name(1), OF_BARE, AtLeast(0.9)),
        value(enqueue::name(32), AtLeast(16_000.0)),
        ratio(enqueue::name(32), OF_BARE, AtLeast(0.8)),
        value(enqueue::MANY, AtLeast(180_000.0)),
        value(latency::IDLE[0].0, AtMost(1.2)),
        value(latency::IDLE[1].0, AtMost(2.5)),
        value(latency::AFTER_COMMIT, AtMost(20.0)),
        Bar {
            property: ", WAL of claim and completion",
            unit: Some("B/job"),
            measure: |_, figure| figure.wal_per_job(),
            ..value(&untuned, AtMost(900.0))
        },
        value(format!("{kept}: memory at rest"), AtMost(8.0)),
        value(format!("{kept}: memory at most"), AtMost(15.0)),
        value(crash::NAME, AtMost(20.0)),
        value(generation::GENERATE, AtMost(0.3)),
        value(generation::AGAIN, AtMost(0.0)),
        ratio(rebuild::aim(), ", of by hand", AtMost(1.2)),
        value("crates in a service's build script", AtMost(30.0)),
        value("crates in soniq-runtime", AtMost(75.0)),
    ];
    for milliseconds in together::TIMES {
        bars.push(value(together::name(milliseconds), AtLeast(0.95)));
        bars.push(value(together::slower_name(milliseconds), AtLeast(0.95)));
    }
    let backlogs = BACKDROPS.iter().flat_map(|backdrop| {
        let few = ", of the drain beside a hundredth";
        let large = [Size::Quick, Size::Full].map(|size| growth::sizes(size)[1]);
        large.map(|rows| ratio(backdrop.figure(rows), few, AtLeast(0.9)))
    });
    bars.extend(backlogs);
    bars.push(ratio(steady::HELD, ", of the rate without", AtLeast(0.9)));
    bars
}

/// Every aim, what was measured, and whether it was met.
pub fn table(report: &Report) -> String {
    let mut text = String::from(
        "| what | aim | measured | compared with | met |\n\
         |------|----:|---------:|--------------:|-----|\n",
    );
    for bar in bars() {
        let Some(figure) = report.find(&bar.figure) else {
            continue;
        };
        let unit = bar.unit.unwrap_or(figure.unit);
        let measured = (bar.measure)(report, figure);
        let other = figure.against.as_deref().and_then(|name| report.find(name));
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "| {}{} | {} | {} | {} | {} |",
            bar.figure,
            bar.property,
            bar.aim.told(unit),
            measured.map_or("-".to_owned(), |measured| quantity(measured, unit)),
            other.map_or(String::new(), |other| quantity(other.value, other.unit)),
            match measured.map(|measured| bar.aim.met_by(measured)) {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not measured",
            },
        );
    }
    text
}
