//! Names: from a contract's keys and values to Rust identifiers that always compile.
//!
//! Everything here yields ASCII: letters of other scripts are legal in Rust, yet some of them draw
//! warnings that only the crate's root could silence.

use std::fmt::Write as _;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Strict and reserved words of every edition up to 2024.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Words that cannot be written as raw identifiers either.
const NEVER_RAW: [&str; 4] = ["self", "super", "crate", "Self"];

/// Type names that generated modules give to something else.
const GIVEN_TYPES: [&str; 5] = ["Args", "ArgsBuilder", "Output", "OutputBuilder", "Handler"];

/// Type names that generated code uses, from Rust's prelude and from the one that the runtime has
/// for it.
const USED_TYPES: [&str; 26] = [
    "BTreeMap",
    "Box",
    "Checker",
    "Clone",
    "DateTime",
    "Deserialize",
    "Err",
    "From",
    "Into",
    "JsonLiteral",
    "JsonValue",
    "Missing",
    "NaiveDate",
    "None",
    "Ok",
    "Option",
    "Result",
    "Send",
    "Serialize",
    "Some",
    "String",
    "TextPattern",
    "UnknownValue",
    "Utc",
    "Uuid",
    "Vec",
];

/// The name of a field, function or module: `invoiceId` gives `invoice_id`, `type` gives `r#type`.
pub(crate) fn snake(text: &str) -> String {
    let name = if is_snake(text) {
        text.to_owned()
    } else {
        not_a_digit_first(spelled_out(text).to_snake_case(), "_")
    };
    let name = if name.is_empty() {
        symbols(text).to_snake_case()
    } else {
        name
    };
    if name.is_empty() {
        "empty".to_owned()
    } else if NEVER_RAW.contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}

/// The name of a type or variant: `send_invoice` gives `SendInvoice`.
pub(crate) fn camel(text: &str) -> String {
    let name = not_a_digit_first(spelled_out(text).to_upper_camel_case(), "Value");
    let name = if name.is_empty() {
        symbols(text).to_upper_camel_case()
    } else {
        name
    };
    match name.as_str() {
        "" => "Empty".to_owned(),
        "Self" => "Self_".to_owned(),
        _ => name,
    }
}

/// Like [`camel`], with `Type` appended where the name is taken in every generated module.
pub(crate) fn type_name(text: &str) -> String {
    let name = camel(text);
    let taken = |names: &[&str]| names.contains(&name.as_str());
    if taken(&GIVEN_TYPES) || taken(&USED_TYPES) {
        format!("{name}Type")
    } else {
        name
    }
}

/// The name as serde sees it: without `r#`.
pub(crate) fn unraw(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Whether a text is spelled so already, as most keys are: words in lower case between single
/// underscores.
fn is_snake(text: &str) -> bool {
    let is_word = |word: &str| {
        let mut bytes = word.bytes();
        !word.is_empty() && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.split('_').all(is_word)
}

fn not_a_digit_first(name: String, prefix: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{prefix}{name}")
    } else {
        name
    }
}

/// Replaces what heck would drop though it tells names apart (`c++` and `c`), and what is not ASCII.
fn spelled_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.' | '/' | ':' | ',') {
            out.push(c);
        } else {
            spell(c, &mut out);
        }
    }
    out
}

/// Replaces every symbol: for a text that has nothing else.
fn symbols(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        spell(c, &mut out);
    }
    out
}

fn spell(c: char, out: &mut String) {
    let word = match c {
        '+' => "plus",
        '-' => "minus",
        '*' => "star",
        '/' => "slash",
        '%' => "percent",
        '#' => "hash",
        '&' => "and",
        '|' => "or",
        '<' => "less",
        '>' => "greater",
        '=' => "equal",
        '!' => "not",
        '?' => "question",
        '@' => "at",
        '$' => "dollar",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        '_' => "underscore",
        ' ' => "space",
        '\'' | '"' | '(' | ')' | '[' | ']' | '{' | '}' => "",
        _ => {
            // Writing to a `String` does not fail.
            let _ = write!(out, "_u{:x}_", u32::from(c));
            return;
        }
    };
    out.push('_');
    out.push_str(word);
    out.push('_');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{KEYWORDS, NEVER_RAW, camel, snake, type_name, unraw};

    #[test]
    fn fields() {
        for (key, name) in [
            ("invoice_id", "invoice_id"),
            ("invoiceId", "invoice_id"),
            ("Invoice-ID", "invoice_id"),
            ("type", "r#type"),
            ("gen", "r#gen"),
            ("self", "self_"),
            ("Self", "self_"),
            ("crate", "crate_"),
            ("2fa", "_2fa"),
            ("größe", "gr_uf6_udf_e"),
            ("+", "plus"),
            ("-", "minus"),
            ("_", "underscore"),
            ("", "empty"),
        ] {
            assert_eq!(snake(key), name, "{key:?}");
        }
    }

    #[test]
    fn variants() {
        for (value, name) in [
            ("EUR", "Eur"),
            ("in_progress", "InProgress"),
            ("c++", "CPlusPlus"),
            ("c", "C"),
            ("self", "Self_"),
            ("1.5", "Value15"),
            ("", "Empty"),
            ("<=", "LessEqual"),
        ] {
            assert_eq!(camel(value), name, "{value:?}");
        }
    }

    #[test]
    fn reserved_type_names_step_aside() {
        assert_eq!(type_name("result"), "ResultType");
        assert_eq!(type_name("handler"), "HandlerType");
        assert_eq!(type_name("money"), "Money");
    }

    /// Whether the compiler takes it as a name.
    fn is_identifier(name: &str) -> bool {
        let plain = unraw(name);
        let raw_is_fine = !NEVER_RAW.contains(&plain);
        name.is_ascii()
            && (syn::parse_str::<syn::Ident>(name).is_ok()
                || (name.starts_with("r#") && raw_is_fine && KEYWORDS.contains(&plain)))
    }

    #[test]
    fn every_keyword_gives_an_identifier() {
        for word in KEYWORDS
            .iter()
            .chain(&NEVER_RAW)
            .chain(&["_", "async", "Self_"])
        {
            assert!(is_identifier(&snake(word)), "{word}");
            assert!(is_identifier(&camel(word)), "{word}");
            assert!(is_identifier(&type_name(word)), "{word}");
        }
    }

    proptest! {
        #[test]
        fn every_text_gives_an_identifier(text in any::<String>()) {
            prop_assert!(is_identifier(&snake(&text)), "{:?}: {}", text, snake(&text));
            prop_assert!(is_identifier(&camel(&text)), "{:?}: {}", text, camel(&text));
        }

        #[test]
        fn what_is_spelled_so_stays(text in "[a-z0-9_]{0,8}") {
            if super::is_snake(&text) {
                prop_assert_eq!(heck::ToSnakeCase::to_snake_case(text.as_str()), text);
            }
        }

        #[test]
        fn symbols_give_an_identifier(text in "[-+*/%#&|<>=!?@$.,:_ '(){}0-9a-zA-Zé]{0,6}") {
            prop_assert!(is_identifier(&snake(&text)), "{:?}: {}", text, snake(&text));
            prop_assert!(is_identifier(&camel(&text)), "{:?}: {}", text, camel(&text));
        }
    }
}
