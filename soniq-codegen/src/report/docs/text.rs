//! Text with code and links in it, not yet in any markup.

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Text(Vec<Span>);

/// A piece of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    /// Words.
    Plain(String),
    /// What is written like this in a program or on the wire.
    Code(String),
    /// The name of a section, and where it is.
    Link(String, Anchor),
}

/// A place that can be linked to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Anchor {
    /// Index of the namespace that it is in.
    pub(super) namespace: usize,
    /// Unique among all namespaces.
    pub(super) id: String,
}

impl Text {
    pub(super) fn new(words: impl Into<String>) -> Self {
        Text::default().plain(words)
    }

    /// A text that is only code.
    pub(super) fn of_code(code: impl Into<String>) -> Self {
        Text::default().code(code)
    }

    pub(super) fn plain(self, words: impl Into<String>) -> Self {
        self.with(Span::Plain(words.into()))
    }

    pub(super) fn code(self, code: impl Into<String>) -> Self {
        self.with(Span::Code(code.into()))
    }

    pub(super) fn link(self, label: impl Into<String>, to: Anchor) -> Self {
        self.with(Span::Link(label.into(), to))
    }

    pub(super) fn then(mut self, other: Text) -> Self {
        self.0.extend(other.0);
        self
    }

    fn with(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// The texts with `between` them.
    pub(super) fn joined(texts: impl IntoIterator<Item = Text>, between: &str) -> Self {
        let mut all = Text::default();
        for text in texts {
            if !all.is_empty() {
                all = all.plain(between);
            }
            all = all.then(text);
        }
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.0
    }
}
