//! The SQL of MySQL and MariaDB: its tokens, the borders of statements, and the readings of small
//! syntax (types, expressions, defaults, definitions) that bring what a person wrote and what the
//! server shows into one spelling. What a statement does to a schema is for the replay to say.

mod default;
mod expression;
mod split;
mod token;

pub use self::default::default_value;
pub use self::expression::{body, definition, expression, folded};
pub(crate) use self::split::read;
pub use self::split::statements;
pub(crate) use self::token::{ident, token_at, tokens, value};
use crate::catalog::SqlType;
use crate::dialect::Dialect;

/// A column type as a definition or `information_schema.COLUMNS.COLUMN_TYPE` spells it
/// (`int(10) unsigned`, `enum('a','b')`); character sets are no part of it.
pub fn column_type(text: &str) -> SqlType {
    let tokens = tokens(text);
    let open = tokens.iter().position(|token| token.text == "(").unwrap_or(tokens.len());
    let close = tokens.iter().rposition(|token| token.text == ")").unwrap_or(tokens.len());
    let words = tokens[..open].iter().chain(tokens.get(close + 1..).unwrap_or_default());
    let base: Vec<&str> = words.map(|token| token.text).collect();
    let args = tokens.get(open + 1..close).unwrap_or_default().iter().filter(|token| token.text != ",");
    // The server drops blanks at the end of a label.
    let label = |text: String| Dialect::Mysql.literal(text.trim_end_matches(' '));
    let args = args.map(|token| value(token).map_or_else(|| token.text.to_owned(), label)).collect();
    SqlType::with_args(&base.join(" "), args, 0, Dialect::Mysql)
}

#[cfg(test)]
mod tests {
    use super::column_type;

    #[test]
    fn types_are_read_with_their_modifiers() {
        let cases = [
            ("int(10) unsigned", "int unsigned"),
            ("DECIMAL(5, 2) UNSIGNED ZEROFILL", "decimal(5,2) unsigned zerofill"),
            ("enum('a', \"b'c\",'d ')", "enum('a','b''c','d')"),
            ("tinyint(1)", "tinyint(1)"),
            ("double precision", "double"),
            ("varchar(20)", "varchar(20)"),
            ("bigint(20)", "bigint"),
        ];
        for (text, expected) in cases {
            assert_eq!(column_type(text).to_string(), expected);
        }
    }
}
