//! What a browser makes of a page: its elements, if they are in order.

use std::collections::{BTreeMap, BTreeSet};

use html5gum::{Token, Tokenizer};

/// Elements without an end tag.
const VOID: [&str; 2] = ["meta", "input"];

pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// All text inside.
    pub(crate) text: String,
}

fn string(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The elements in the order of their start tags.
pub(crate) fn elements(html: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = string(&tag.name);
                let attributes = tag.attributes.iter();
                if !VOID.contains(&name.as_str()) {
                    open.push(elements.len());
                }
                elements.push(Element {
                    name,
                    attributes: attributes
                        .map(|(name, value)| (string(name), string(value)))
                        .collect(),
                    text: String::new(),
                });
            }
            Token::EndTag(tag) => {
                let index = open.pop().expect("an end tag has its start tag");
                assert_eq!(elements[index].name, string(&tag.name));
            }
            Token::String(text) => {
                for index in &open {
                    elements[*index].text.push_str(&string(&text));
                }
            }
            Token::Error(error) => panic!("{error:?} in {html}"),
            Token::Comment(_) | Token::Doctype(_) => {}
        }
    }
    assert_eq!(open, [0; 0], "every element ends");
    elements
}

/// Holds a page to what readers of all kinds need.
pub(crate) fn assert_sound(elements: &[Element]) {
    let mut ids = BTreeSet::new();
    for element in elements {
        if let Some(id) = element.attributes.get("id") {
            assert!(ids.insert(id.as_str()), "two elements have the id {id}");
        }
    }
    let mut level = 0;
    for element in elements {
        for (name, value) in &element.attributes {
            match name.as_str() {
                "href" => {
                    let id = value.strip_prefix('#').expect("links stay on the page");
                    assert!(ids.contains(id), "no element has the id {id}");
                }
                "aria-labelledby" | "for" => assert!(ids.contains(value.as_str()), "{value}"),
                "src" | "style" => panic!("{name}={value}"),
                _ => assert!(!name.starts_with("on"), "{name}"),
            }
        }
        if let Some(next) = element.name.strip_prefix('h').and_then(|n| n.parse().ok()) {
            assert!(
                next <= level + 1,
                "h{next} follows h{level}: {}",
                element.text
            );
            level = next;
            assert!(!element.text.is_empty());
        }
        if element.name == "th" {
            assert!(element.attributes.contains_key("scope"));
        }
    }
    let scripts: Vec<_> = elements.iter().filter(|e| e.name == "script").collect();
    assert_eq!(scripts.len(), 1);
    let h1 = elements.iter().filter(|e| e.name == "h1").count();
    assert_eq!(h1, 1);
}

/// The texts of all elements of a kind.
pub(crate) fn texts<'e>(elements: &'e [Element], name: &str) -> Vec<&'e str> {
    let of_kind = elements.iter().filter(|element| element.name == name);
    of_kind.map(|element| element.text.as_str()).collect()
}
