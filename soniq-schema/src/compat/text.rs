//! Regular expressions compared: which text matches some of them and not another one.
//!
//! The expressions are run side by side as automata, breadth first, so that the first text that is
//! found is one of the shortest. If the search comes to its end without one, there is none.

use std::collections::{HashMap, VecDeque};

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;

/// How many states of all automata together are looked at.
const MAX_STATES: usize = 20_000;

/// The largest automaton, in bytes.
const MAX_SIZE: usize = 2 << 20;

/// The longest text that is counted exactly.
const MAX_LENGTH: u64 = 400;

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A shortest text.
    Text(String),
    /// There is none.
    Nothing,
    /// The search was given up.
    Unknown,
}

/// What is wanted of a text. Lengths are in characters.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted<'a> {
    /// Expressions, in the syntax of `regex`, that match.
    pub(super) matching: Vec<&'a str>,
    /// An expression that does not.
    pub(super) but_not: Option<&'a str>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

/// Looks for a text.
pub(super) fn find(wanted: &Wanted<'_>) -> Found {
    // The last automaton has texts of whole characters only.
    let expressions = wanted.matching.iter().copied().chain(wanted.but_not);
    let automata: Option<Vec<_>> = expressions.chain([r"^(?s:.)*$"]).map(automaton).collect();
    match automata {
        Some(automata) if wanted.min <= MAX_LENGTH => Search::new(wanted, &automata).run(),
        _ => Found::Unknown,
    }
}

fn automaton(expression: &str) -> Option<dense::DFA<Vec<u32>>> {
    // What matches somewhere is to match as a whole.
    let expression = format!(r"(?:{expression})(?s-u:.)*\z");
    let config = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(MAX_SIZE))
        .determinize_size_limit(Some(MAX_SIZE));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build(&expression)
        .ok()
}

/// Where all automata are, and how many characters were read, as far as that still matters.
type State = (Vec<StateID>, u64);

struct Search<'a> {
    wanted: &'a Wanted<'a>,
    automata: &'a [dense::DFA<Vec<u32>>],
    /// One byte of each kind that no automaton tells apart, the most readable one.
    bytes: Vec<u8>,
    /// Beyond this many characters, one more makes no difference.
    counted: u64,
    seen: HashMap<State, Option<(usize, u8)>>,
    order: Vec<State>,
}

impl<'a> Search<'a> {
    fn new(wanted: &'a Wanted<'a>, automata: &'a [dense::DFA<Vec<u32>>]) -> Self {
        let counted = match wanted.max {
            Some(max) if max <= MAX_LENGTH => max + 1,
            _ => wanted.min,
        };
        let mut search = Search {
            wanted,
            automata,
            bytes: Vec::new(),
            counted,
            seen: HashMap::new(),
            order: Vec::new(),
        };
        search.bytes = search.representatives();
        search
    }

    fn representatives(&self) -> Vec<u8> {
        let readable = (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z');
        let printable = (b' '..=b'~').filter(|byte| !byte.is_ascii_alphanumeric());
        let rest = (0..=u8::MAX).filter(|byte| !(b' '..=b'~').contains(byte));
        let mut kinds = std::collections::HashSet::new();
        readable
            .chain(printable)
            .chain(rest)
            .filter(|byte| {
                let of_each = self
                    .automata
                    .iter()
                    .map(|one| one.byte_classes().get(*byte));
                // The first byte of a character counts, one that goes on with it does not.
                let kind: Vec<u8> = of_each.chain([u8::from(is_first(*byte))]).collect();
                kinds.insert(kind)
            })
            .collect()
    }

    fn run(mut self) -> Found {
        let config = start::Config::new().anchored(Anchored::No);
        let starts: Result<Vec<_>, _> = self
            .automata
            .iter()
            .map(|one| one.start_state(&config))
            .collect();
        let Ok(starts) = starts else {
            return Found::Unknown;
        };
        let mut waiting = VecDeque::new();
        self.visit((starts, 0), None, &mut waiting);
        let mut is_cut = false;
        while let Some(index) = waiting.pop_front() {
            if self.is_wanted(&self.order[index]) {
                // A bound that is not counted to is not kept, and may be broken.
                return self.text(index).map_or(Found::Unknown, Found::Text);
            }
            if self.order.len() > MAX_STATES {
                is_cut = true;
                break;
            }
            for byte in self.bytes.clone() {
                let (states, count) = &self.order[index];
                let count =
                    (count + u64::from(is_first(byte))).min(self.counted.max(self.wanted.min));
                let too_long = self
                    .wanted
                    .max
                    .is_some_and(|max| max <= MAX_LENGTH && count > max);
                if too_long {
                    continue;
                }
                let next: Vec<_> = (self.automata.iter().zip(states))
                    .map(|(one, state)| one.next_state(*state, byte))
                    .collect();
                if self.is_dead(&next) {
                    continue;
                }
                self.visit((next, count), Some((index, byte)), &mut waiting);
            }
        }
        if is_cut {
            Found::Unknown
        } else {
            Found::Nothing
        }
    }

    fn visit(&mut self, state: State, from: Option<(usize, u8)>, waiting: &mut VecDeque<usize>) {
        if !self.seen.contains_key(&state) {
            self.seen.insert(state.clone(), from);
            waiting.push_back(self.order.len());
            self.order.push(state);
        }
    }

    /// Whether what has to match never will.
    fn is_dead(&self, states: &[StateID]) -> bool {
        let positive = self.wanted.matching.len();
        let but_not = usize::from(self.wanted.but_not.is_some());
        let mut all = self.automata.iter().zip(states).enumerate();
        all.any(|(index, (one, state))| {
            let is_negative = index >= positive && index < positive + but_not;
            one.is_quit_state(*state) || !is_negative && one.is_dead_state(*state)
        })
    }

    fn is_wanted(&self, (states, count): &State) -> bool {
        let positive = self.wanted.matching.len();
        let but_not = usize::from(self.wanted.but_not.is_some());
        let mut all = self.automata.iter().zip(states).enumerate();
        *count >= self.wanted.min
            && all.all(|(index, (one, state))| {
                let matches = one.is_match_state(one.next_eoi_state(*state));
                matches != (index >= positive && index < positive + but_not)
            })
    }

    fn text(&self, mut index: usize) -> Option<String> {
        let mut bytes = Vec::new();
        while let Some((from, byte)) = self.seen[&self.order[index]] {
            bytes.push(byte);
            index = from;
        }
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }
}

fn is_first(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

/// Texts of a format, and maybe others, as an expression.
pub(super) fn around_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "uuid" => r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        "date" => r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "ipv4" => r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$",
        "ipv6" => r"^[0-9a-fA-F:.]+$",
        "hostname" => r"^[0-9a-zA-Z.-]+$",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(matching: &[&str], but_not: Option<&str>, expected: &str) {
        let wanted = Wanted {
            matching: matching.to_vec(),
            but_not,
            ..Wanted::default()
        };
        assert_eq!(find(&wanted), Found::Text(expected.to_owned()));
    }

    #[test]
    fn finds_a_shortest_text() {
        check(&["^[A-Z]{2}$"], None, "AA");
        check(&["^[a-z]+$", "^.{3}$"], None, "aaa");
        check(&["^[a-z0-9]+$"], Some("^[a-z]+$"), "0");
        check(&[], Some("^[ -~]*$"), "\0");
        check(&["^\u{e4}$"], None, "\u{e4}");
        check(&[r"b(?-u:\b)"], Some("^b$"), "ab");
    }

    #[test]
    fn proves_that_there_is_none() {
        for (matching, but_not) in [
            ("^[a-z]{2}$", "^[a-z]+$"),
            ("^ab|^ac", "^a[bc]"),
            ("foo", "o"),
            ("^[0-9]+$", r"^\p{Nd}+$"),
        ] {
            let wanted = Wanted {
                matching: vec![matching],
                but_not: Some(but_not),
                ..Wanted::default()
            };
            assert_eq!(find(&wanted), Found::Nothing, "{matching} {but_not}");
        }
    }

    #[test]
    fn lengths_are_in_characters() {
        let wanted = Wanted {
            matching: vec!["^\u{e4}*$"],
            but_not: None,
            min: 2,
            max: Some(2),
        };
        assert_eq!(find(&wanted), Found::Text("\u{e4}\u{e4}".to_owned()));
        let wanted = Wanted {
            matching: vec!["^(ab)+$"],
            min: 3,
            max: Some(3),
            but_not: None,
        };
        assert_eq!(find(&wanted), Found::Nothing);
    }
}
