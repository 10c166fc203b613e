//! A token of SQL text, as the dialects' tokenizers give it to those who read statements.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A bare or quoted identifier or keyword.
    Word,
    /// A string constant of any form.
    Text,
    /// A number, operator or punctuation mark.
    Mark,
}

/// A token, as written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
    pub(crate) offset: usize,
}

impl Token<'_> {
    /// Whether it is that bare word, in any letter case.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }

    /// The offset behind its last byte.
    pub(crate) fn end(&self) -> usize {
        self.offset + self.text.len()
    }
}
