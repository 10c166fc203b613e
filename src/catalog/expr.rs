//! SQL expressions as texts that can be compared.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::normal;

/// An expression (a default, a check, an index predicate) as written, compared by a normal form:
/// letter case and white space outside of quotes, parentheses that change nothing, casts, and the
/// other spellings that a server gives back for what was written do not count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Expr {
    pub sql: String,
}

impl Expr {
    /// The expression as written, trimmed.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into().trim().to_owned() }
    }

    /// The normal form that is compared; not meant to be run.
    pub fn normal(&self) -> String {
        normal::normal(&self.sql)
    }
}

/// `sql` with one identifier renamed wherever it stands as a word or quoted, texts excepted;
/// letter case counts only inside of quotes.
pub fn rename_identifier(sql: &str, from: &str, to: &str) -> String {
    renamed(sql, from, to, |_| true)
}

/// The same for a function: only what is called by that name is renamed.
pub fn rename_call(sql: &str, from: &str, to: &str) -> String {
    renamed(sql, from, to, |rest| rest.iter().find(|c| !c.is_whitespace()) == Some(&'('))
}

/// The same for a column: a function that is called by that name stays.
pub(super) fn rename_column(sql: &str, from: &str, to: &str) -> String {
    renamed(sql, from, to, |rest| rest.iter().find(|c| !c.is_whitespace()) != Some(&'('))
}

/// `is_it` is given what stands behind a name.
fn renamed(sql: &str, from: &str, to: &str, is_it: impl Fn(&[char]) -> bool) -> String {
    let chars: Vec<char> = sql.chars().collect();
    let mut out = String::with_capacity(sql.len());
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        match chars[at] {
            '\'' => at = end_of_quoted(&chars, at),
            '"' | '`' => {
                at = end_of_quoted(&chars, at);
                if at - start >= 2 && chars[start + 1..at - 1].iter().collect::<String>() == from && is_it(&chars[at..])
                {
                    out.push(chars[start]);
                    out.push_str(to);
                    out.push(chars[at - 1]);
                    continue;
                }
            }
            c if c.is_alphabetic() || c == '_' => {
                while at < chars.len() && (chars[at].is_alphanumeric() || matches!(chars[at], '_' | '$')) {
                    at += 1;
                }
                let word: String = chars[start..at].iter().collect();
                if word.eq_ignore_ascii_case(from) && is_it(&chars[at..]) {
                    out.push_str(&bare_or_quoted(to));
                    continue;
                }
            }
            _ => at += 1,
        }
        out.extend(&chars[start..at]);
    }
    out
}

/// A name that cannot stand without quotes in any dialect gets them.
fn bare_or_quoted(name: &str) -> Cow<'_, str> {
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if starts_well && name.chars().all(|c| c.is_alphanumeric() || c == '_') || name == "\u{1}" {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    }
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.sql == other.sql || self.normal() == other.normal()
    }
}

impl Eq for Expr {}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sql)
    }
}

pub(super) fn end_of_quoted(chars: &[char], start: usize) -> usize {
    let quote = chars[start];
    let mut at = start + 1;
    while at < chars.len() {
        if chars[at] == quote {
            if chars.get(at + 1) == Some(&quote) {
                at += 2;
                continue;
            }
            return at + 1;
        }
        at += 1;
    }
    chars.len()
}

#[cfg(test)]
mod tests {
    use super::Expr;

    #[test]
    fn spellings_of_one_expression_are_equal() {
        let same = [
            ("'x'::text", "'x'"),
            ("(a > 0)", "a>0"),
            ("((a > 0) AND (b))", "(a > 0) and b"),
            ("CURRENT_TIMESTAMP", "now()"),
            ("'{}'::character varying(10)[]", "'{}'"),
            ("lower((name)::text)", "lower(name)"),
            ("\"kind\" != 'A'", "kind <> 'A'"),
            ("('now'::timestamp with time zone)", "'now'"),
        ];
        for (a, b) in same {
            assert_eq!(Expr::new(a), Expr::new(b), "{} | {}", Expr::new(a).normal(), Expr::new(b).normal());
        }
    }

    #[test]
    fn identifiers_are_renamed_outside_of_texts() {
        let cases = [
            ("nick <> '' AND length(nick) > 1", "name <> '' AND length(name) > 1"),
            ("\"nick\" = 'nick'", "\"name\" = 'nick'"),
            ("nickname = 1", "nickname = 1"),
        ];
        for (sql, expected) in cases {
            assert_eq!(super::rename_identifier(sql, "nick", "name"), expected);
        }
    }

    #[test]
    fn a_function_is_no_column() {
        let cases = [
            ("rank(rank, \"rank\") > rank", "rank(score, \"score\") > score"),
            ("rank (a) IN (rank)", "rank (a) IN (score)"),
            ("\"rank\"(a)", "\"rank\"(a)"),
        ];
        for (sql, expected) in cases {
            assert_eq!(super::rename_column(sql, "rank", "score"), expected);
        }
    }

    #[test]
    fn different_expressions_differ() {
        for (a, b) in [("'A'", "'a'"), ("a > 0", "a >= 0"), ("f(a)", "f(b)"), ("(a) + (b)", "(a + b) * c")] {
            assert_ne!(Expr::new(a), Expr::new(b));
        }
    }
}
