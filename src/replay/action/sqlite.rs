//! SQLite's lexical rules in the form that the shared cursor reads.

use crate::replay::cursor::Lexicon;
use crate::sql::sqlite::{self, TokenKind as Kind, unquote};
use crate::sql::{Token, TokenKind};

/// sqlite.org/lang_keywords.html: names in quotes, backticks or brackets.
#[derive(Clone)]
pub(in crate::replay) struct Sqlite;

impl Lexicon for Sqlite {
    fn tokens(sql: &str) -> Vec<Token<'_>> {
        let tokens = sqlite::significant(sql).unwrap_or_default();
        let kind = |kind| match kind {
            Kind::Word | Kind::Quoted => TokenKind::Word,
            Kind::String | Kind::Blob => TokenKind::Text,
            _ => TokenKind::Mark,
        };
        tokens.iter().map(|t| Token { kind: kind(t.kind), text: t.text, offset: t.offset }).collect()
    }

    fn ident(text: &str) -> String {
        unquote(text).into_owned()
    }

    fn value(token: &Token<'_>) -> Option<String> {
        (token.kind == TokenKind::Text).then(|| unquote(token.text).into_owned())
    }
}
