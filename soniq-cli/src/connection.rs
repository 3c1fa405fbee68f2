//! The options that every verb takes, and the handle that they make.

use clap::{Args, ValueEnum};
use soniq_runtime::{Settings, Soniq};

use crate::error::Error;

/// Options of every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Connection {
    /// The database, instead of `SONIQ_DATABASE_URL`
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// What is logged to standard error, instead of `SONIQ_LOG_LEVEL` [default: info]
    #[arg(long, global = true, value_name = "LEVEL", hide_possible_values = true)]
    log_level: Option<LogLevel>,
    /// Print without colours; so does the variable `NO_COLOR`
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogLevel {
    Error,
    #[value(alias = "warning")]
    Warn,
    Info,
    Debug,
    Trace,
}

impl LogLevel {
    fn as_str(self) -> &'static str {
        match self {
            LogLevel::Error => "error",
            LogLevel::Warn => "warn",
            LogLevel::Info => "info",
            LogLevel::Debug => "debug",
            LogLevel::Trace => "trace",
        }
    }
}

impl Connection {
    /// Flag over environment over default.
    fn settings(&self) -> Result<Settings, Error> {
        let flag = |name: &str| match name {
            "SONIQ_DATABASE_URL" => self.database_url.clone(),
            "SONIQ_LOG_LEVEL" => self.log_level.map(|level| level.as_str().to_owned()),
            _ => None,
        };
        let lookup = |name: &str| flag(name).or_else(|| std::env::var(name).ok());
        let settings = Settings::from_lookup(lookup)?;
        #[cfg(feature = "sqlite")]
        let settings = settings.or_local(cfg!(debug_assertions));
        Ok(settings)
    }

    /// A handle on a database whatever its schema, with the log started.
    pub(crate) fn open_unchecked(&self) -> Result<Soniq, Error> {
        let settings = self.settings()?;
        start_log(&settings.log_level);
        Ok(Soniq::with_settings(settings)?)
    }

    /// A handle on a database that has this release's schema, with the log started.
    pub(crate) async fn open(&self) -> Result<Soniq, Error> {
        let soniq = self.open_unchecked()?;
        soniq.check_schema().await?;
        Ok(soniq)
    }
}

fn start_log(level: &str) {
    // The settings let no other text through.
    let level = level
        .parse()
        .unwrap_or(tracing_subscriber::filter::LevelFilter::INFO);
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .init();
}
