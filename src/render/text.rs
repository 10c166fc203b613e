//! Small facts about SQL texts that the renderers share: which names a text mentions, whether an
//! expression is a literal or stands in parentheses. Nothing here understands SQL beyond its tokens.

use crate::dialect::Dialect;

/// Whether a text names an identifier, outside of string literals.
pub(super) fn mentions(sql: &str, identifier: &str, dialect: Dialect) -> bool {
    words(sql).iter().any(|(word, quoted)| {
        let word = if *quoted { word.clone() } else { dialect.fold(word) };
        dialect.same_name(&word, identifier)
    })
}

/// The words of a text and whether each stood in quotes; string literals are left out.
fn words(sql: &str) -> Vec<(String, bool)> {
    let mut words = Vec::new();
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => drop(quoted(&mut rest, '\'')),
            '"' | '`' => words.push((quoted(&mut rest, c), true)),
            '[' => words.push((quoted(&mut rest, ']'), true)),
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '$')) {
                    word.push(c);
                }
                words.push((word, false));
            }
            _ => {}
        }
    }
    words
}

/// The rest of a quoted text up to its closing quote, which counts as a character when doubled.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, close: char) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == close && rest.next_if_eq(&close).is_none() {
            break;
        }
        text.push(c);
    }
    text
}

/// The expression in parentheses, without a second pair around those it has.
pub(super) fn in_parentheses(sql: &str) -> String {
    if is_wrapped(sql) { sql.to_owned() } else { format!("({sql})") }
}

/// Whether the first parenthesis closes at the end.
pub(super) fn is_wrapped(sql: &str) -> bool {
    sql.starts_with('(') && closing(sql) == Some(sql.len() - 1)
}

/// Whether the text is one function call, `name(…)`.
pub(super) fn is_call(sql: &str) -> bool {
    let Some(open) = sql.find('(') else { return false };
    let name = &sql[..open];
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
    plain && !name.is_empty() && closing(&sql[open..]) == Some(sql.len() - open - 1)
}

/// Where the parenthesis that opens the text closes.
fn closing(sql: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut quote = None;
    for (at, c) in sql.char_indices() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// Whether the expression is a constant as it stands: a number, a string, a blob, NULL, a boolean.
pub(super) fn is_literal(sql: &str) -> bool {
    let upper = sql.to_ascii_uppercase();
    if matches!(upper.as_str(), "NULL" | "TRUE" | "FALSE") {
        return true;
    }
    let string = upper.strip_prefix('X').filter(|rest| rest.starts_with('\'')).unwrap_or(&upper);
    if string.starts_with(['\'', '"']) {
        return is_one_string(string);
    }
    let digits = upper.trim_start_matches(['+', '-']).trim_start();
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | '+' | '-' | '_' | 'X'))
        && (digits.parse::<f64>().is_ok() || digits.starts_with("0X"))
}

fn is_one_string(sql: &str) -> bool {
    let mut rest = sql.chars().peekable();
    let Some(quote) = rest.next() else { return false };
    quoted(&mut rest, quote);
    rest.next().is_none() && sql.len() > 1 && sql.ends_with(quote)
}

/// Whether SQLite lets the expression stand behind DEFAULT without parentheses.
pub(super) fn is_plain_default(sql: &str) -> bool {
    let clock = matches!(sql.to_ascii_uppercase().as_str(), "CURRENT_TIMESTAMP" | "CURRENT_DATE" | "CURRENT_TIME");
    clock || is_literal(sql)
}

/// The statement with one semicolon at its end.
pub(super) fn terminated(sql: &str) -> String {
    format!("{};", sql.trim_end().trim_end_matches(';').trim_end())
}

/// Identifiers as a list: `a, "order"`.
pub(super) fn list(names: &[String], dialect: Dialect) -> String {
    names.iter().map(|name| dialect.quote(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{is_call, is_literal, is_wrapped, mentions};
    use crate::dialect::Dialect;

    #[test]
    fn a_name_is_found_outside_of_strings_only() {
        let cases = [
            ("kind <> 'x'", "kind", true),
            ("note <> 'kind'", "kind", false),
            ("\"kind\" = 1", "kind", true),
            ("kinds > 0", "kind", false),
            ("KIND > 0", "kind", true),
            ("t.kind > 0", "kind", true),
        ];
        for (sql, name, expected) in cases {
            assert_eq!(mentions(sql, name, Dialect::Postgres), expected, "{sql}");
            assert_eq!(mentions(sql, name, Dialect::Sqlite), expected, "{sql}");
        }
    }

    #[test]
    fn literals_are_told_from_expressions() {
        for sql in ["0", "-1.5", "1e3", "'it''s'", "''", "x'00'", "NULL", "true", "0x1F"] {
            assert!(is_literal(sql), "{sql}");
        }
        for sql in ["1 + 1", "'a' || 'b'", "now()", "CURRENT_TIMESTAMP", "(1)", "", "a"] {
            assert!(!is_literal(sql), "{sql}");
        }
    }

    #[test]
    fn parentheses_count_where_they_hold_everything() {
        for (sql, wrapped, call) in [
            ("(a) + (b)", false, false),
            ("(a + ')')", true, false),
            ("lower(a)", false, true),
            ("f(a) + g(b)", false, false),
        ] {
            assert_eq!((is_wrapped(sql), is_call(sql)), (wrapped, call), "{sql}");
        }
    }
}
