//! The table of diagnostics: each code with its title and its general advice.
//!
//! A code is stable: it keeps its meaning, and the number of one that is no longer raised is not
//! given to another. `soniq-codegen explain CODE` prints what stands here.

use super::Severity;

/// A kind of diagnostic.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E001`: `E` for errors, `L` for lints.
    pub id: &'static str,
    /// The problem in general.
    pub title: &'static str,
    /// How such a problem is mended.
    pub help: &'static str,
    /// Whether it makes the contract unusable.
    pub severity: Severity,
}

macro_rules! codes {
    ($($severity:ident: $name:ident = $id:literal, $title:literal, $help:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $title, ".")]
            pub const $name: &Code = &Code {
                id: $id,
                title: $title,
                help: $help,
                severity: Severity::$severity,
            };
        )*

        /// Every code: errors, then lints, ascending.
        pub const ALL: &[&Code] = &[$($name),*];
    };
}

codes! {
    Error: FOLDER_UNREADABLE = "E001",
        "the contracts folder cannot be read",
        "give the folder that holds the contract files";
    Error: FOLDER_EMPTY = "E002",
        "the contracts folder holds no contract",
        "put a file such as `billing.toml` into it";
    Error: FILE_UNREADABLE = "E003",
        "a contract file cannot be read",
        "a contract is a readable file of UTF-8 text";
    Error: SYNTAX = "E004",
        "a contract file is not TOML",
        "see https://toml.io/en/v1.0.0 for the syntax";
    Error: MISSING_KEY = "E005",
        "a required key is missing",
        "add the key";
    Error: UNKNOWN_KEY = "E006",
        "a key is not part of the contract language",
        "remove the key, or spell it as the contract language does";
    Error: WRONG_TYPE = "E007",
        "a value has the wrong type",
        "write a value of the expected type";
    Error: OUT_OF_RANGE = "E008",
        "a value is outside the range that its key admits",
        "choose a value within the range";
    Error: UNKNOWN_CHOICE = "E009",
        "a value is not one of the admitted words",
        "choose one of the admitted words";
    Error: UNKNOWN_EDITION = "E010",
        "the edition of the contract language is not known",
        "write `edition = \"2026\"`";
    Error: BAD_NAME = "E011",
        "a name does not have the required form",
        "use lower-case letters, digits and underscores, and begin with a letter";
    Error: DUPLICATE_NAMESPACE = "E012",
        "two files declare one namespace",
        "merge the files, or rename one of the namespaces";
    Error: DUPLICATE_WIRE_NAME = "E013",
        "two tasks would share one name on the wire",
        "rename one of them: rows under this name could not be told apart";
    Error: BAD_DURATION = "E014",
        "a text is not a duration",
        "write numbers with units, largest first: \"250ms\", \"30s\", \"10m\", \"1h30m\", \"7d\"";
    Error: BAD_RETRY = "E015",
        "the keys of a retry policy do not fit together",
        "give `backoff = \"list\"` a list of delays, and \"fixed\" or \"exponential\" a single delay";
    Error: BAD_TEMPLATE = "E016",
        "a template cannot be read",
        "write fields as `{name}` or `{object.name}`, and literal braces as `{{` and `}}`";
    Error: BAD_TEMPLATE_FIELD = "E017",
        "a template names a field that it cannot use",
        "use properties of `args` that are always there (required, or with a default) and are a string, an integer or a boolean";
    Error: BAD_CRON = "E018",
        "a text is not a cron expression that fires",
        "write five fields: minute, hour, day of month, month, day of week, such as \"0 3 1 * *\"";
    Error: UNKNOWN_TIMEZONE = "E019",
        "a time zone is not known",
        "use a name of the IANA time zone database, such as \"Europe/Berlin\" or \"UTC\"";
    Error: BAD_SCHEDULE = "E020",
        "the keys of a schedule do not fit together",
        "give either `cron`, with a `timezone` if it is not UTC, or `every`";
    Error: BAD_RETIRED_VERSION = "E021",
        "a retired version does not fit its task",
        "name it `vN`, with N from 1 and lower than the task's version";
    Error: RESERVED_PROPERTY = "E022",
        "a property uses a reserved name",
        "choose another name: rows written long ago may still use this one with another meaning";
    Error: BAD_EXAMPLE = "E023",
        "an example does not fit the task's args",
        "mend the example, or the schema of `args`";
    Error: BAD_SCHEDULE_ARGS = "E024",
        "the args of a schedule do not fit the task's args",
        "give the schedule `args` that every firing can be enqueued with";
    Error: ARGS_NOT_AN_OBJECT = "E025",
        "args is not an object schema",
        "write `type = \"object\"`: the wire carries an object";
    Error: BAD_WAIVER = "E026",
        "a waiver is not complete",
        "give `rule`, `path`, `reason`, `owner` and `expires = \"YYYY-MM-DD\"`";
    Error: UNSUPPORTED_KEYWORD = "E027",
        "a JSON Schema keyword is not supported by this release",
        "nothing is silently ignored: express the rule with supported keywords, or leave it out and check it in the handler";
    Error: UNKNOWN_KEYWORD = "E028",
        "a key is not a JSON Schema keyword",
        "remove the key, or spell it as JSON Schema 2020-12 does";
    Error: BAD_KEYWORD_VALUE = "E029",
        "a schema keyword has a value that JSON Schema does not allow",
        "see https://json-schema.org/draft/2020-12 for the values of the keyword";
    Error: UNKNOWN_FORMAT = "E030",
        "a format is not known, or does not go with the type",
        "strings: uuid, date-time, date, time, duration, email, hostname, ipv4, ipv6, uri, uri-reference, uri-template, iri, iri-reference, json-pointer, relative-json-pointer, regex; integers: int8 to int64, uint8 to uint64; numbers: float, double";
    Error: BAD_PATTERN = "E031",
        "a pattern cannot be used",
        "write a regular expression of ECMA-262 without look-around and back-references";
    Error: EMPTY_RANGE = "E032",
        "two bounds exclude every value",
        "the lower bound must not be above the upper one";
    Error: BAD_SCHEMA_VALUE = "E033",
        "a value in a schema does not fit the schema it stands in",
        "mend the value, or the schema";
    Error: NOT_JSON = "E034",
        "a TOML value has no counterpart in JSON",
        "write dates as strings, and other JSON as `{ x-json = '...' }`";
    Error: BAD_X_JSON = "E035",
        "the text of x-json is not JSON",
        "give one JSON value as a string: `{ x-json = 'null' }`";
    Error: UNKNOWN_REFERENCE = "E036",
        "a $ref names no schema",
        "write `#/types/Name`, `other.toml#/types/Name` for a type of another file, or `schemas/name.json` for a JSON file";
    Error: REFERENCE_CYCLE = "E037",
        "a $ref leads back to itself",
        "let one of the types say something beside the `$ref`, or break the circle";
    Error: TOO_DEEP = "E038",
        "tables or arrays are nested too deeply",
        "name inner schemas under `[types]` and use `$ref`";
    Error: BAD_OPEN_ENUM = "E039",
        "x-open has nothing to open",
        "put `x-open = true` beside an `enum` of strings";
    Error: UNDECLARED_REQUIRED = "E040",
        "a required property is not declared",
        "declare it under `properties`, or drop it from `required`";
    Error: JSON_SYNTAX = "E041",
        "a schema file is not JSON",
        "see https://www.json.org for the syntax; comments and trailing commas are not part of it";
    Error: FILE_TOO_LARGE = "E042",
        "a file is too large",
        "a contract or schema is text that people write; split it, or keep data elsewhere";
    Error: REMOTE_REFERENCE = "E043",
        "a $ref leads to another host",
        "a build reads no network: put the schema into the contracts folder and name its file";
    Error: UNKNOWN_DIALECT = "E044",
        "a schema is not written in JSON Schema 2020-12",
        "write `https://json-schema.org/draft/2020-12/schema`, or bring the schema up to that version";
    Error: LEAVES_FOLDER = "E045",
        "a $ref leaves the contracts folder",
        "move the file into the contracts folder: what two teams agree on lies in one place";
    Error: DUPLICATE_ANCHOR = "E046",
        "two schemas have the same anchor",
        "give one of them another `$anchor`";
    Error: ALIAS_TAKEN = "E047",
        "an older name of a property is another property's",
        "an older name is read as its one property: choose another name for the other property, or drop the older one";
    Error: MISPLACED_ALIASES = "E048",
        "x-aliases stands on a schema that is no property",
        "put `x-aliases` on an entry of `properties`; older names of a task are its `aliases`";
    Error: LOCK_UNREADABLE = "E049",
        "the lock file cannot be read",
        "bring the committed file back, `git checkout -- contracts/contracts.lock`, and run `soniq-codegen lock`";
    Error: LOCK_NEWER = "E050",
        "the lock file was written by a newer release",
        "update soniq-codegen to the release that the others use";
    Error: LOCK_EDITED = "E051",
        "the lock file was edited",
        "bring the committed file back, `git checkout -- contracts/contracts.lock`: what was released is released, and `soniq-codegen lock` adds what is new";
    Error: WAIVER_EXPIRED = "E052",
        "a waiver has expired",
        "mend what it allowed, or agree on another date with its owner";
    Error: NOTHING_TO_COMPARE = "E053",
        "what the contracts are to be compared with cannot be had",
        "commit `contracts.lock`, which `soniq-codegen lock` writes, or name a git ref, a folder or a lock file with `--against`";
    Error: BAD_CENSUS = "E054",
        "the census cannot be used",
        "take a new one: `soniq contracts census --database-url URL > census.json`";
    Warning: UNUSED_DEFAULT = "L001",
        "a default in a JSON file does not fit its schema",
        "mend the default, or the schema: it is not filled in as it is";
    Warning: UNCHECKED_FORMAT = "L002",
        "a format in a JSON file is not checked",
        "write a `pattern` if values must keep to it: by itself, `format` says nothing in JSON Schema";
    Warning: UNDOCUMENTED_TASK = "L003",
        "a task has no description",
        "say in `description` what the task does: it is what other teams find";
    Warning: UNDOCUMENTED_FIELD = "L004",
        "a field has no description",
        "say in `description` what the field means: its unit, who gives it, what its absence says";
    Warning: CLOSED_OBJECT = "L005",
        "an object is closed",
        "leave `additionalProperties = false` out: consumers then ignore fields that they do not know yet";
    Warning: CLOSED_ENUM = "L006",
        "an enum is closed",
        "write `x-open = true`, so that consumers take values that they do not know yet, or `x-open = false` if there will never be another one";
    Warning: FLOAT_MONEY = "L007",
        "an amount of money is a floating-point number",
        "use an integer in the smallest unit of the currency, such as `amount_minor`, with the currency beside it";
    Warning: UNTAGGED_UNION = "L008",
        "the branches of a union have no tag",
        "give every branch a required property with a `const` of its own, such as `kind`: which branch is meant is then said, not guessed";
    Warning: TIMESTAMP_WITHOUT_FORMAT = "L009",
        "a time is any text",
        "write `format = \"date-time\"`, \"date\" or \"time\"; where rows with other texts lie in the queue, in a new version of the task";
    Warning: MISSING_TIMEZONE = "L010",
        "a cron schedule has no time zone",
        "write `timezone = \"UTC\"`, which is what it runs by, or the zone that is meant, such as \"Europe/Berlin\"";
    Warning: REQUIRED_SCHEDULE_ARGS = "L011",
        "a scheduled task has required args",
        "make them optional, or give them a `default`: a firing can then be enqueued by a scheduler that is older or newer than the args";
    Warning: NO_MAX_ATTEMPTS = "L012",
        "a task does not say how often it is tried",
        "write `retry = { max_attempts = 4 }`, in the task or in `[defaults]`: without it the environment of whoever enqueues decides";
    Warning: UNANCHORED_PATTERN = "L013",
        "a pattern may match anywhere in a text",
        "write `^` before and `$` behind it if the whole text is meant, with `(?:...)` around alternatives";
    Warning: SLOW_PATTERN = "L014",
        "a pattern is not matched in linear time by every engine",
        "let no repetition repeat itself: `(a+)+` matches the same texts as `a+`, and takes engines that backtrack, such as those of Python and JavaScript, exponential time";
    Warning: NAME_CASE = "L015",
        "a name is not written as names of its kind are",
        "write properties in snake_case and types in UpperCamelCase";
    Warning: UNUSED_WAIVER = "L016",
        "a waiver allows nothing",
        "remove it: what it allowed is mended, or was released";
}

/// The code with this id, `E006`.
///
/// ```
/// use soniq_schema::diagnostic::codes;
///
/// assert_eq!(codes::find("E006"), Some(codes::UNKNOWN_KEY));
/// assert_eq!(codes::find("E999"), None);
/// ```
pub fn find(id: &str) -> Option<&'static Code> {
    ALL.iter().find(|code| code.id == id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_numbered_without_gaps() {
        let lint = |code: &&&Code| code.severity == Severity::Warning;
        for (index, code) in (1..).zip(ALL.iter().filter(|code| !lint(code))) {
            assert_eq!(code.id, format!("E{index:03}"));
        }
        for (index, code) in (1..).zip(ALL.iter().filter(lint)) {
            assert_eq!(code.id, format!("L{index:03}"));
        }
    }

    #[test]
    fn texts_are_in_house_style() {
        for code in ALL {
            for text in [code.title, code.help] {
                assert!(!text.ends_with('.'), "{}: {text}", code.id);
                assert!(text.starts_with(char::is_lowercase), "{}: {text}", code.id);
            }
        }
    }
}
