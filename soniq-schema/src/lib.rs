//! Task contracts: read, check, evaluate.
//!
//! [`load`] reads a folder of contract files and yields what they say together with every
//! diagnostic; it never stops at the first problem. [`evaluate`] says what is wrong with a value.
//!
//! ```
//! use serde_json::json;
//!
//! let loaded = soniq_schema::load_sources([(
//!     "contracts/emails.toml".to_owned(),
//!     r#"
//!         edition = "2026"
//!         namespace = "emails"
//!
//!         [tasks.send_welcome]
//!         version = 1
//!         args.type = "object"
//!         args.required = ["email"]
//!         args.properties.email = { type = "string", format = "email" }
//!     "#
//!     .to_owned(),
//! )]);
//! assert!(loaded.is_ok());
//!
//! let task = &loaded.contracts.contracts[0].tasks[0];
//! assert_eq!(task.name, "emails.send_welcome.v1");
//!
//! let args = loaded.contracts.schemas.get(task.args);
//! let violations = soniq_schema::evaluate(args, &json!({ "email": "nobody" }));
//! assert_eq!(violations[0].pointer, "/email");
//! assert_eq!(violations[0].rule, "format");
//! ```

#[cfg(feature = "compat")]
pub mod compat;
pub mod contract;
// For soniq-codegen.
#[doc(hidden)]
pub mod cores;
pub mod diagnostic;
mod fingerprint;
pub mod json_schema;
pub mod lint;
#[cfg(feature = "compat")]
pub mod lock;
mod parse;
pub mod source;

pub use contract::Contracts;
pub use diagnostic::Diagnostic;
pub use fingerprint::{canonical, fingerprint};
pub use json_schema::{Violation, evaluate, fill_defaults};
pub use lint::lint;
pub use parse::{Loaded, MAX_LENGTH, json_text, known_keys, load, load_sources, parse_duration};
