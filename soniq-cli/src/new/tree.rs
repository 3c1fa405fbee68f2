//! The files of a workspace, from the templates beside the sources.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::name::Name;
use super::origin::Origin;
use crate::error::Error;

/// Each file's path and its template.
macro_rules! templates {
    ($($path:literal: $template:literal,)*) => {
        &[$(($path, include_str!(concat!("../../templates/", $template)))),*]
    };
}

// A manifest has another name among the templates: a folder with a Cargo.toml is a package to cargo.
const FILES: &[(&str, &str)] = templates! {
    "Cargo.toml": "workspace.toml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".github/workflows/ci.yml": "ci.yml",
    "contracts/greetings.toml": "contracts/greetings.toml",
    "consumer/Cargo.toml": "consumer/manifest.toml",
    "consumer/build.rs": "consumer/build.rs",
    "consumer/src/lib.rs": "consumer/src/lib.rs",
    "consumer/src/main.rs": "consumer/src/main.rs",
    "consumer/tests/greetings.rs": "consumer/tests/greetings.rs",
    "producer/Cargo.toml": "producer/manifest.toml",
    "producer/build.rs": "producer/build.rs",
    "producer/src/main.rs": "producer/src/main.rs",
};

/// Writes the workspace into `folder`, which is not there yet, or is empty.
pub(super) fn write(folder: &Path, name: &Name, origin: &Origin) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |reason| Error::NewFile { path, reason }
    };
    if !is_free(folder).map_err(failed(folder))? {
        return Err(Error::FolderTaken {
            path: folder.display().to_string(),
        });
    }
    for (path, template) in FILES {
        let path = folder.join(path);
        let text = filled(template, name, origin);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(failed(parent))?;
        fs::write(&path, text).map_err(failed(&path))?;
    }
    Ok(())
}

/// Whether nothing is in the folder, or there is none.
fn is_free(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}

fn filled(template: &str, name: &Name, origin: &Origin) -> String {
    let no_command = ", default-features = false";
    template
        .replace("{{name}}", name.as_str())
        .replace("{{database}}", &name.database())
        .replace(
            "{{soniq-codegen}}",
            &origin.dependency("soniq-codegen", no_command),
        )
        .replace(
            "{{soniq-runtime}}",
            &origin.dependency("soniq-runtime", ", features = [\"sqlite\"]"),
        )
}
