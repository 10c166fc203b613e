//! The cursor over PostgreSQL's tokens.

use crate::catalog::SqlType;
use crate::replay::cursor;
use crate::sql::postgres::{Token, ident, sql_type, tokens};

/// The tokens of a statement or of a part of it.
pub(super) type Cursor<'a> = cursor::Cursor<'a, Postgres>;

/// PostgreSQL's lexical rules (manual 4.1).
#[derive(Clone)]
pub(in crate::replay) struct Postgres;

impl cursor::Lexicon for Postgres {
    fn tokens(sql: &str) -> Vec<Token<'_>> {
        tokens(sql)
    }

    fn ident(text: &str) -> String {
        ident(text)
    }

    fn value(token: &Token<'_>) -> Option<String> {
        token.value()
    }
}

impl Cursor<'_> {
    /// A type: everything up to one of the words.
    pub(super) fn sql_type(&mut self, until: &[&str]) -> SqlType {
        let words: Vec<&str> = self.take_until(until).iter().map(|token| token.text).collect();
        sql_type(&words)
    }
}
