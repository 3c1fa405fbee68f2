//! Texts of contracts that look like markup, and too many of them.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use soniq_codegen::report::compat::Format;

use crate::{Case, FORMATS};

/// A property whose name is everything that a format might trip over.
pub(crate) fn case() -> Case {
    let contract = |value: &str| {
        format!(
            r#"
edition = "2026"
namespace = "shop"
[tasks.t]
version = 1
[tasks.t.args]
type = "object"
required = ["{NAME}"]
properties."{NAME}" = {{ type = "string", enum = [{value}] }}
[[tasks.t.compat.allow]]
rule = "S015"
path = "/args/{POINTER}"
reason = "{NAME}"
owner = "@everyone | <b>"
expires = "2030-01-31"
"#
        )
    };
    Case::new(
        &contract(&format!(r#""a", "{VALUE}""#)),
        &contract(r#""a""#),
    )
}

const NAME: &str =
    r"</script>|`*_x_*` @everyone #1 https://a.example\n::error::x%0A,\u001b[31m\u202e]]> &amp;";
const POINTER: &str =
    r"<~1script>|`*_x_*` @everyone #1 https:~1~1a.example\n::error::x%0A,\u001b[31m\u202e]]> &amp;";
const VALUE: &str = r"```\n# heading\n<!-- @everyone -->\u0007";

#[test]
fn nothing_breaks_out() {
    let case = case();
    assert!(case.report().fails());
    for format in FORMATS {
        let text = case.written(format);
        assert!(!text.contains('\u{7}'), "{format:?}: {text}");
    }
    // One line for each annotation, and nothing that begins another.
    let github = case.written(Format::Github);
    assert!(
        github
            .lines()
            .all(|line| line.starts_with("::") && !line.starts_with("::error::x"))
    );
}

#[test]
fn markdown_has_the_markup_that_it_is_to_have() {
    let text = case().written(Format::Markdown);
    let parser = Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_GFM);
    let html = ["<code>", "</code>", "<br>", "<!-- -->"];
    let block = [
        "<details>\n",
        "<summary>Jobs that would fail</summary>\n",
        "</details>\n",
    ];
    let mut is_block = false;
    for event in parser {
        match event {
            Event::Start(Tag::CodeBlock(_)) => is_block = true,
            Event::End(TagEnd::CodeBlock) => is_block = false,
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                unreachable!("there is no link: {text}");
            }
            Event::InlineHtml(part) => assert!(html.contains(&&*part), "{part}"),
            Event::Html(part) => assert!(block.contains(&&*part), "{part}"),
            Event::Text(words) if !is_block => assert!(!words.contains("@everyone"), "{words}"),
            _ => {}
        }
    }
}

/// A comment on GitHub takes 65,536 characters.
#[test]
fn markdown_is_bounded_and_says_what_it_left_out() {
    let task = |task: u32, length: usize| {
        let properties = (0..30).map(|property| {
            format!("args.properties.p{property} = {{ type = 'string', maxLength = {length} }}\n")
        });
        let head = format!("[tasks.t{task:02}]\nversion = 1\nargs.type = 'object'\n");
        head + &properties.collect::<String>()
    };
    let contract = |length: usize| {
        let tasks: String = (0..40).map(|number| task(number, length)).collect();
        format!("edition = '2026'\nnamespace = 'shop'\n{tasks}")
    };
    let case = Case::new(&contract(900), &contract(20));
    let text = case.written(Format::Markdown);
    assert!((50_000..=65_536).contains(&text.len()), "{}", text.len());
    let rows = text.lines().filter(|line| line.starts_with("| ❌")).count();
    let last = text.lines().last().unwrap();
    let left: usize = last.split(' ').next().unwrap().parse().unwrap();
    let all = case.findings.iter().filter(|one| one.level.fails()).count();
    assert_eq!(rows + left, all, "{last}");
    assert!(last.ends_with("do not fit into a comment: see the log of the check."));
    // What is begun is ended.
    assert_eq!(
        text.matches("<details>").count(),
        text.matches("</details>").count()
    );
}
