//! SQL texts taken apart: one facade over the parsers.

pub mod mysql;
pub mod postgres;
pub mod sqlite;
mod token;

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
