//! Where a workspace has Soniq's crates from.

use std::path::PathBuf;

use crate::error::Error;

/// Where a workspace has Soniq's crates from.
#[derive(Debug)]
pub(super) enum Origin {
    /// The registry, this release.
    Version,
    /// A checkout, by its absolute path.
    Checkout(PathBuf),
    /// A git repository.
    Git(String),
}

impl Origin {
    /// What the options say. A folder must be a checkout.
    pub(super) fn of(path: Option<PathBuf>, git: Option<String>) -> Result<Self, Error> {
        if let Some(url) = git {
            return Ok(Origin::Git(url));
        }
        let Some(path) = path else {
            return Ok(Origin::Version);
        };
        let crates = ["soniq-runtime", "soniq-codegen"];
        let has_all = crates
            .iter()
            .all(|name| path.join(name).join("Cargo.toml").is_file());
        match path.canonicalize() {
            Ok(absolute) if has_all && absolute.to_str().is_some() => {
                Ok(Origin::Checkout(absolute))
            }
            _ => Err(Error::NoCheckout { path }),
        }
    }

    /// The value of a dependency on one of the crates, with keys such as `default-features`.
    pub(super) fn dependency(&self, name: &str, keys: &str) -> String {
        let (key, value) = match self {
            Origin::Version => ("version", env!("CARGO_PKG_VERSION").to_owned()),
            Origin::Checkout(folder) => ("path", folder.join(name).display().to_string()),
            Origin::Git(url) => ("git", url.clone()),
        };
        // A string of JSON is one of TOML too.
        let value = serde_json::Value::String(value);
        format!("{{ {key} = {value}{keys} }}")
    }
}
