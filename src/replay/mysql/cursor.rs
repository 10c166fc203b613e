//! The cursor over MySQL's tokens.

use crate::replay::cursor;
use crate::sql::Token;
use crate::sql::mysql::{ident, tokens, value};

/// The tokens of a statement or of a part of it.
pub(super) type Cursor<'a> = cursor::Cursor<'a, Mysql>;

/// MySQL's lexical rules (MySQL manual, Language Structure).
#[derive(Clone)]
pub(in crate::replay) struct Mysql;

impl cursor::Lexicon for Mysql {
    fn tokens(sql: &str) -> Vec<Token<'_>> {
        tokens(sql)
    }

    fn ident(text: &str) -> String {
        ident(text)
    }

    fn value(token: &Token<'_>) -> Option<String> {
        value(token)
    }
}

impl Cursor<'_> {
    /// A string, or a word where one may stand for it (`CHARSET = utf8`).
    pub(super) fn text(&mut self) -> Option<String> {
        let token = self.next()?;
        Some(value(&token).unwrap_or_else(|| ident(token.text)))
    }

    /// The next word in lower case if it is one of these; moves past it.
    pub(super) fn next_of(&mut self, words: &[&str]) -> Option<String> {
        let found = words.iter().find(|word| self.is(word))?;
        self.next();
        Some((*found).to_owned())
    }

    /// Whether all the words come next.
    pub(super) fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is_at(ahead, word))
    }
}
