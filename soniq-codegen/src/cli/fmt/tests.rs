#![allow(clippy::unwrap_used, reason = "a test may fail by panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use toml_edit::{Document, Item, TableLike, Value};

use super::layout::formatted;

const UNTIDY: &str = r#"
#:schema ./contract.schema.json
# Billing.

# The team's own name.
owner='payments'
namespace   = 'billing' # as on the wire
edition = "2026"


# Keys of the contract that does not exist yet.
colour = 'red'
[tasks.close_month]
# Once a month.
schedule = {args={}, catch_up='one', timezone = "UTC",cron="0 3 1 * *"}
args.type='object'
version=1
args.properties . dry_run={type='boolean'}
description = 'Freeze the ledger.'
# retry = { max_attempts = 1 }

# Sent by mail.
[tasks.send_invoice.args] # version 2
  type     = "object"
  required = ["zulu", "alpha",]

  # Not before b.
  properties.zulu = { "type" = "string", 'x-open'=true,enum=['a"b', 'c\d', "\u00e4", 'long enough to be broken up', 'together with this one'] }
  properties.alpha = { type = "array", items={ '$ref'='#/types/Money' } }
[[tasks.send_invoice.examples]]
zulu = "a"
alpha=[{minor=1},{minor=2},{ minor = 3}, {minor = 4}, {minor = 5}, {minor = 6}, {minor = 7}, {minor = 8}]
[[tasks.send_invoice.examples]]
alpha = [ # the first
  {minor = 1}, # one
  # two
  {minor = 2} # three
  # four
]
zulu = """
two
lines"""

[tasks.send_invoice]
dedup_key = "invoice:{zulu}"
retry.delay = "2s"
retry.max_attempts = 5
version = 2
# Emailed.
description = "Email one invoice."
[tasks.send_invoice.retired.v1]
args = { type = "object" }


[types.Money]
required = ["minor"]
type = "object"
properties.minor = { type = "integer", minimum = 0x00, maximum = 1_000_000 }
[defaults]
timeout = "30s"
queue = "billing"

# The end.
"#;

#[test]
fn an_untidy_file() {
    let text = formatted(UNTIDY).unwrap();
    insta::assert_snapshot!(text);
    assert_eq!(formatted(&text).unwrap(), text);
}

/// What a file says, whatever the order and the layout.
#[derive(Debug, PartialEq)]
enum Data {
    Table(BTreeMap<String, Data>),
    List(Vec<Data>),
    String(String),
    Other(String),
}

fn data(text: &str) -> Data {
    of_table(Document::parse(text).unwrap().into_mut().as_table())
}

fn of_table(table: &dyn TableLike) -> Data {
    let of_item = |item: &Item| match item {
        Item::Value(value) => of_value(value),
        Item::Table(table) => of_table(table),
        Item::ArrayOfTables(tables) => Data::List(tables.iter().map(|one| of_table(one)).collect()),
        Item::None => Data::List(Vec::new()),
    };
    let members = table.iter();
    Data::Table(
        members
            .map(|(key, item)| (key.to_owned(), of_item(item)))
            .collect(),
    )
}

fn of_value(value: &Value) -> Data {
    match value {
        Value::InlineTable(table) => of_table(table),
        Value::Array(array) => Data::List(array.iter().map(of_value).collect()),
        Value::String(text) => Data::String(text.value().clone()),
        Value::Integer(number) => Data::Other(number.value().to_string()),
        Value::Float(number) => Data::Other(number.value().to_string()),
        Value::Boolean(flag) => Data::Other(flag.value().to_string()),
        Value::Datetime(date) => Data::Other(date.value().to_string()),
    }
}

#[track_caller]
fn check(text: &str) -> String {
    let laid_out = formatted(text).unwrap();
    assert_eq!(data(&laid_out), data(text), "{text}\n-----\n{laid_out}");
    assert_eq!(formatted(&laid_out).unwrap(), laid_out, "{text}");
    laid_out
}

/// Contract files of this repository.
fn contracts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = ["contracts", "soniq-schema/tests/lints"];
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(root.join(folder)).unwrap());
    let mut files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    files
}

/// The canonical forms of all tasks' args and results.
fn canonical(contracts: impl IntoIterator<Item = (String, String)>) -> Vec<String> {
    let loaded = soniq_schema::load_sources(contracts);
    assert!(loaded.is_ok(), "{:?}", loaded.diagnostics);
    let contracts = &loaded.contracts;
    let mut forms = Vec::new();
    for (_, task) in contracts.tasks() {
        for id in [Some(task.args), task.result].into_iter().flatten() {
            let schema = contracts.schemas.get(id);
            let form = soniq_schema::canonical(schema);
            forms.push(format!(
                "{} {form} {:?} {:?}",
                task.name, task.retry, task.dedup_key
            ));
        }
    }
    forms
}

#[test]
fn contracts_stay_what_they_are() {
    let mut folders: BTreeMap<PathBuf, Vec<(String, String)>> = BTreeMap::new();
    for path in contracts() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        folders
            .entry(path.parent().unwrap().to_owned())
            .or_default()
            .push((name, text));
    }
    for (folder, files) in folders {
        let laid_out = files.iter().map(|(name, text)| (name.clone(), check(text)));
        let laid_out: Vec<_> = laid_out.collect();
        if folder.ends_with("contracts") {
            assert_eq!(canonical(laid_out), canonical(files));
            continue;
        }
        for (after, before) in laid_out.into_iter().zip(files) {
            assert_eq!(canonical([after]), canonical([before]));
        }
    }
}

#[test]
fn what_is_odd_in_toml() {
    for text in [
        "",
        "\n\n",
        "# alone",
        "\n# alone\n\n\n# and again\n",
        "a = 1 # no line break",
        "a.b.c = 1\na.b.d = 2\n[a.e]\nf = 3\n",
        "[a.b.c]\nd = 1\n# of a\n[a] # here\ne = 2\n[a.b]\nf = 3\n",
        "[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\n[[a.e]]\n[a.e.f]\ng = 1\n",
        "a = [[1, 2], [[3]], []]\nb = {}\nc = [\n# nothing\n]\n",
        "'a b' = 1\n\"c\" = 2\n'd\"' = 3\n\"\" = 4\n",
        "a = '''\nx\n'''\nb = \"\"\"y\"\"\"\nc = ''\nd = '\t'\n",
        "a = 1979-05-27T07:32:00Z\nb = -inf\nc = 1e3\n",
        "a = 1\r\n# c\r\n\r\n[b]\r\nc = 2 # d\r\n",
        "[tasks]\nt = { result = { b = 1, a = 2 }, version = 1, retry.delay = '1s', description = 'd' }\n",
        "a = [1, 2 # two\n, 3\n# end\n]",
        "\u{e4} = 1",
    ] {
        if Document::parse(text).is_ok() {
            check(text);
        }
    }
}

/// Each level is walked a bounded number of times, not twice as often as the one around it.
#[test]
fn nested_arrays_take_no_longer_than_they_are() {
    let depth = 60;
    for open in ["[", "[ # here\n", "[{ a = "] {
        let close = if open.ends_with(' ') { "}]" } else { "]" };
        let depth = depth / open.matches(['[', '{']).count();
        check(&format!(
            "a = {}1{}",
            open.repeat(depth),
            close.repeat(depth)
        ));
    }
}

#[test]
fn arrays_are_broken_up_where_they_are_too_long() {
    let array = |count| format!("a = [{}]\n", vec!["10"; count].join(", "));
    // `a = [` and `]` are six columns, each number four without the last comma.
    let (fits, long) = (check(&array(24)), check(&array(25)));
    assert_eq!((fits.lines().count(), fits.trim_end().len()), (1, 100));
    assert_eq!(long.lines().count(), 27);
    assert!(long.ends_with("    10,\n]\n"), "{long}");
}

/// The text of some value, with white space and comments where there may be any.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("'it''".to_owned().replace("''", "'")),
        Just("\"a # b\"".to_owned()),
        Just("true".to_owned()),
        "'[a-z]{0,30}'",
    ];
    let space = || prop_oneof![3 => Just(""), 2 => Just(" "), 1 => Just("\n"), 1 => Just(" # x\n \n # y\n")];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let element = (space(), inner.clone(), space());
        let array = (prop::collection::vec(element, 0..5), space(), any::<bool>());
        let array = array.prop_map(|(elements, end, comma)| {
            let texts: Vec<_> = elements
                .iter()
                .map(|(a, value, b)| format!("{a}{value}{b}"))
                .collect();
            let comma = if comma && !texts.is_empty() { "," } else { "" };
            format!("[{}{comma}{end}]", texts.join(","))
        });
        let table = prop::collection::vec(inner, 0..4).prop_map(|values| {
            let names = ["z", "a.b", "'c d'", "a.e"];
            let members: Vec<_> = names
                .iter()
                .zip(values)
                .map(|(name, value)| format!("{name}  ={value} "))
                .collect();
            format!("{{{}}}", members.join(","))
        });
        prop_oneof![2 => array, 1 => table]
    })
}

/// Sections of a contract, each of which may come anywhere behind the first.
const SECTIONS: &[&str] = &[
    "[defaults]",
    "[types]",
    "[types.A]",
    "[types.A.properties]",
    "[tasks.t]",
    "[tasks.t.args]",
    "[tasks.t.result]",
    "[[tasks.t.examples]]",
    "[[tasks.t.examples]]",
    "[tasks.t.retired.v1]",
    "[tasks.u]",
    "[other.unknown]",
];

const KEYS: &[&str] = &[
    "version",
    "description",
    "queue",
    "retry.delay",
    "retry.max_attempts",
    "schedule",
    "zulu",
    "x.y",
    "x.z",
];

fn file() -> impl Strategy<Value = String> {
    let gap = || prop_oneof![4 => Just(0), 1 => Just(1), 1 => Just(2), 1 => Just(3), 1 => Just(4)];
    let keys = move || {
        let keys = prop::sample::subsequence(KEYS, 0..=KEYS.len()).prop_shuffle();
        keys.prop_flat_map(move |keys| {
            let entries = keys
                .into_iter()
                .map(move |key| (gap(), Just(key), value(), any::<bool>()));
            entries.collect::<Vec<_>>()
        })
    };
    let sections = prop::sample::subsequence(SECTIONS, 0..=SECTIONS.len()).prop_shuffle();
    let sections = sections.prop_flat_map(move |headers| {
        let sections = headers
            .into_iter()
            .map(|header| (gap(), Just(header), any::<bool>(), keys()));
        sections.collect::<Vec<_>>()
    });
    (keys(), sections, gap()).prop_map(|(top, sections, end)| {
        let mut text = String::new();
        let mut comments = 0;
        let mut comment = || {
            comments += 1;
            format!("#c{comments}.")
        };
        let mut write = |text: &mut String, gap: i32, line: &str, behind: bool| {
            let above = match gap {
                0 => String::new(),
                1 => "\n".to_owned(),
                2 => format!("  {}\n", comment()),
                3 => format!("{}\n\n\n{}\n", comment(), comment()),
                _ => format!("\n{}\n\n", comment()),
            };
            let behind = if behind {
                format!("  {}", comment())
            } else {
                String::new()
            };
            writeln!(text, "{above}{line}{behind}").unwrap();
        };
        for (gap, key, value, behind) in top {
            write(&mut text, gap, &format!("{key}={value}"), behind);
        }
        for (gap, header, behind, entries) in sections {
            write(&mut text, gap, header, behind);
            for (gap, key, value, behind) in entries {
                write(&mut text, gap, &format!("  {key}   = {value}"), behind);
            }
        }
        write(&mut text, end, "", false);
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn any_file_says_the_same_and_is_laid_out_once(text in file()) {
        prop_assume!(Document::parse(&text).is_ok());
        let laid_out = check(&text);
        // Each comment is there, once, on a line that ends with it.
        let comments = |text: &str| {
            let mut found: Vec<_> = text
                .lines()
                .filter_map(|line| Some(line[line.find("#c").or(line.find("# x")).or(line.find("# y"))?..].trim_end().to_owned()))
                .collect();
            found.sort();
            found
        };
        prop_assert_eq!(comments(&laid_out), comments(&text), "{}\n-----\n{}", text, laid_out);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, ..ProptestConfig::default() })]

    /// Whatever TOML it is; most texts are none.
    #[test]
    fn any_text_is_laid_out_or_refused(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        let text = pieces.concat();
        if Document::parse(&text).is_ok() {
            check(&text);
        } else {
            prop_assert!(formatted(&text).is_err());
        }
    }
}

const PIECES: &[&str] = &[
    "a",
    "b",
    ".",
    " = ",
    "1",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    " ",
    "\t",
    "# c\n",
    "\n\n",
    "'x'",
    "\"y\"",
    "\"\"\"",
    "a = 1\n",
    "b.c = [2]\n",
    "[d]\n",
    "[[e]]\n",
    "f = { g = 1 }\n",
    "h = [ # i\n",
    "\u{feff}",
    "\u{e4}",
];
