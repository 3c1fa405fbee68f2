//! Random schemas, and random values that nearly fit them.
//!
//! Both are made from a list of numbers, so that one property test shrinks them together, and a run
//! without proptest makes the same ones from a seed.

mod schemas;
mod values;

pub(crate) use schemas::schema;
pub(crate) use values::value;

/// A source of decisions. It ends in zeros, the plainest choice everywhere, so that what fails
/// shrinks.
pub(crate) struct Choices {
    rest: std::vec::IntoIter<u32>,
}

impl Choices {
    pub(crate) fn new(choices: Vec<u32>) -> Self {
        Choices {
            rest: choices.into_iter(),
        }
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let choice = self.rest.next().unwrap_or(0) as usize;
        choice % end.max(1)
    }

    /// True once in `n` times; never at the end of the choices.
    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

/// Numbers that look random and are the same in every run.
pub(crate) fn numbers(seed: u64) -> Vec<u32> {
    let mut state = seed;
    let mut next = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((x ^ (x >> 31)) >> 32).unwrap_or(0)
    };
    (0..800).map(|_| next()).collect()
}

/// Names of properties: what schemas list, and what objects have.
const NAMES: &[&str] = &[
    "a",
    "b",
    "c",
    "x-1",
    "ab",
    "\u{e9}\u{1f600}",
    "a/b~%",
    "kind",
    "__proto__",
    "type",
    "",
];

const TEXTS: &[&str] = &[
    "a",
    "ab",
    "b",
    "",
    "x-1",
    "12",
    "abc",
    "\u{e9}",
    "\u{e9}\u{1f600}",
    "a\nb",
    " ",
    "\u{660}",
    "3f0c9a52-7d3e-4a57-9a55-0d7d3c7f1a11",
    "3F0C9A52-7D3E-4A57-9A55-0D7D3C7F1A11",
    "2026-02-28T12:00:00Z",
    "1990-12-31T23:59:60.123456789Z",
    "2026-02-28",
    "t0",
    "t1",
    "127.0.0.1",
    "ada@example.com",
];

/// Numbers, as JSON writes them: around the bounds of the types that could hold them.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "1.0",
    "1.5",
    "0.5",
    "0.1",
    "0.01",
    "0.3",
    "-0.0",
    "-2.5",
    "4",
    "6",
    "7.5",
    "1e22",
    "18446744073709551615",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "9007199254740993",
    "9007199254740992.0",
    "1e19",
    "1e-7",
    "12.34",
];
