//! SQL texts taken apart: one facade over the parsers.

pub mod mysql;
mod pieces;
pub mod postgres;
pub mod sqlite;
mod token;

pub(crate) use self::pieces::{first_errors, head, is_long};
pub(crate) use self::token::{Token, TokenKind};

/// One statement of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// Trimmed, without the final semicolon; comments before it left out.
    pub text: &'a str,
    /// Where it begins in the whole text, in bytes.
    pub offset: usize,
}

use crate::dialect::Dialect;
use crate::error::{Error, Result};

/// The statements of a text.
///
/// # Errors
/// Where the text cannot be split.
pub fn statements(dialect: Dialect, text: &str) -> Result<Vec<Statement<'_>>> {
    match dialect {
        Dialect::Postgres => Ok(postgres::statements(text)),
        Dialect::Sqlite => sqlite::statements(text).map_err(|(_, message)| Error::undecided(message)),
        Dialect::Mysql => mysql::statements(text).map_err(|(_, message)| Error::undecided(message)),
    }
}

/// The statements of a text, piece by piece where it is long. Behind a quote that does not end there are
/// none: those before it, and what is wrong.
fn by_pieces<'a>(
    dialect: Dialect,
    text: &'a str,
    split: &dyn Fn(&'a str) -> std::result::Result<Vec<Statement<'a>>, (usize, String)>,
) -> (Vec<Statement<'a>>, Option<(usize, String)>) {
    let mut found = Vec::new();
    for piece in pieces::pieces(dialect, text) {
        if piece.len() > pieces::LONG {
            let whole = pieces::whole(dialect, text, &piece);
            found.push(Statement { text: &text[whole.clone()], offset: whole.start });
            continue;
        }
        let at = |statement: Statement<'a>| Statement { offset: statement.offset + piece.start, ..statement };
        let part = &text[piece.clone()];
        match split(part) {
            Ok(statements) => found.extend(statements.into_iter().map(at)),
            Err((offset, message)) => {
                // The statement that it stands in has no end.
                let before = split(&part[..offset]).unwrap_or_default();
                let whole = |statement: &Statement<'_>| {
                    part[statement.offset + statement.text.len()..offset].trim_start().starts_with(';')
                };
                found.extend(before.into_iter().filter(whole).map(at));
                return (found, Some((piece.start + offset, message)));
            }
        }
    }
    (found, None)
}

/// The tokens of a text, with their places; white space and comments left out.
pub(crate) fn tokens(dialect: Dialect, text: &str) -> Vec<(usize, &str)> {
    match dialect {
        Dialect::Mysql => mysql::tokens(text).iter().map(|token| (token.offset, token.text)).collect(),
        Dialect::Postgres => postgres::tokens(text).iter().map(|token| (token.offset, token.text)).collect(),
        Dialect::Sqlite => {
            sqlite::significant(text).unwrap_or_default().iter().map(|token| (token.offset, token.text)).collect()
        }
    }
}
