//! Expressions and definitions in one spelling: MariaDB keeps a tree of an expression and shows it
//! with its own names for functions and operators (`lcase`, `octet_length`, `<>`), while a person
//! writes any of the synonyms (MariaDB manual, the functions' pages).

use super::token::{ident, tokens, value};
use crate::dialect::Dialect;
use crate::sql::{Token, TokenKind};

const DIALECT: Dialect = Dialect::Mysql;

/// What stands in front of a string of Unicode (MySQL manual 12.3.8, Character Set Introducers).
const UNICODE: [&str; 3] = ["_utf8mb4", "_utf8mb3", "_utf8"];

/// The expression with strings in single quotes, names quoted only where needed, no comments, and
/// synonyms by one name; it can still be run.
pub fn expression(text: &str) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let mut end = tokens.first().map_or(0, |token| token.offset);
    for (at, token) in tokens.iter().enumerate() {
        // MySQL shows every string with its character set, `_utf8mb4'x'`; that of the session is understood.
        let is_text = |next: &&Token<'_>| next.kind == TokenKind::Text && next.offset == token.end();
        if UNICODE.iter().any(|set| token.is(set)) && tokens.get(at + 1).filter(is_text).is_some() {
            out.push_str(&text[end..token.offset]);
            end = token.end();
            continue;
        }
        let gap = &text[end..token.offset];
        // A comment leaves a blank.
        out.push_str(if gap.trim().is_empty() { gap } else { " " });
        out.push_str(&spelled(token, at, &tokens));
        end = token.end();
    }
    out
}

fn spelled(token: &Token<'_>, at: usize, tokens: &[Token<'_>]) -> String {
    if let Some(text) = value(token) {
        return DIALECT.literal(&text);
    }
    if token.text.starts_with('`') {
        return DIALECT.quote(&ident(token.text));
    }
    let lower = token.text.to_ascii_lowercase();
    let calls = tokens.get(at + 1).is_some_and(|next| next.text == "(");
    let after = |word: &str| at.checked_sub(1).is_some_and(|before| tokens[before].is(word));
    let other = match (lower.as_str(), calls) {
        ("&&", _) => "AND",
        ("||", _) => "OR",
        ("!=", _) => "<>",
        ("rlike", _) => "REGEXP",
        ("mod", false) => "%",
        ("lcase", true) => "lower",
        ("ucase", true) => "upper",
        ("octet_length", true) => "length",
        ("character_length", true) => "char_length",
        ("substr" | "mid", true) => "substring",
        ("now" | "localtime" | "localtimestamp" | "current_timestamp", true) => "current_timestamp",
        ("current_timestamp" | "localtime" | "localtimestamp", false) if !after(".") => "current_timestamp()",
        ("current_date", true) => "curdate",
        ("current_date", false) if !after(".") => "curdate()",
        ("current_time", true) => "curtime",
        ("current_time", false) if !after(".") => "curtime()",
        ("true", false) if !after("is") && !after("not") => "1",
        ("false", false) if !after("is") && !after("not") => "0",
        _ => return token.text.to_owned(),
    };
    other.to_owned()
}

/// A `CREATE` statement of a view, trigger or routine without what says how it came to be: OR
/// REPLACE, IF NOT EXISTS, the DEFINER, which the server adds, and FOLLOWS or PRECEDES, which it
/// does not keep.
pub fn definition(text: &str) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut end) = (0, tokens.first().map_or(0, |token| token.offset));
    let mut kind_seen = false;
    while at < tokens.len() {
        let skipped = if kind_seen { 0 } else { preamble(&tokens[at..]) };
        if skipped > 0 {
            at += skipped;
            blank_after(&mut out);
            end = tokens.get(at).map_or(text.len(), |token| token.offset);
            continue;
        }
        let token = &tokens[at];
        if (token.is("follows") || token.is("precedes")) && at > 0 && tokens[at - 1].is("row") {
            at += 2;
            end = tokens.get(at).map_or(text.len(), |token| token.offset);
            blank_after(&mut out);
            continue;
        }
        let not_exists = tokens.get(at + 1).is_some_and(|next| next.is("if"));
        out.push_str(&text[end..token.end()]);
        end = token.end();
        if !kind_seen && is_kind(token) {
            kind_seen = true;
            if not_exists {
                at += 3;
                end = tokens.get(at).map_or(end, |token| token.end());
            }
        }
        at += 1;
    }
    out.trim().to_owned()
}

/// A definition in one spelling, to be compared: the server quotes the names that it writes anew.
pub fn folded(text: &str) -> String {
    let word = |token: &Token<'_>| match (value(token), token.kind) {
        (Some(text), _) => DIALECT.literal(&text),
        (None, TokenKind::Word) => ident(token.text).to_lowercase(),
        (None, _) => token.text.to_owned(),
    };
    tokens(text).iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What a routine does: the server writes what stands before it anew.
pub fn body(definition: &str) -> &str {
    const FIRST: [&str; 17] = [
        "begin", "return", "select", "with", "call", "insert", "replace", "update", "delete", "set", "if", "while",
        "loop", "alter", "create", "drop", "truncate",
    ];
    let starts = |token: &&Token<'_>| FIRST.iter().any(|word| token.is(word));
    // The first word is CREATE.
    tokens(definition).iter().skip(1).find(starts).map_or("", |token| &definition[token.offset..])
}

/// One blank, where none is yet.
fn blank_after(out: &mut String) {
    if !out.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

fn is_kind(token: &Token<'_>) -> bool {
    ["view", "trigger", "procedure", "function", "event"].iter().any(|kind| token.is(kind))
}

/// How many tokens say OR REPLACE or DEFINER.
fn preamble(tokens: &[Token<'_>]) -> usize {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.is(text));
    if is(0, "or") && is(1, "replace") {
        return 2;
    }
    if !(is(0, "definer") && is(1, "=")) {
        return 0;
    }
    let host = tokens.get(3).is_some_and(|t| t.kind == TokenKind::Mark && t.text.starts_with('@'));
    3 + match () {
        () if is(3, "(") => 2,
        () if host => 1,
        () => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{definition, expression};
    use crate::catalog::Expr;

    #[test]
    fn what_is_written_is_what_the_server_shows() {
        // Left: as written; right: as MariaDB 10.11 shows it.
        let same = [
            ("a > 0 && b", "`a` > 0 and `b`"),
            ("a in (1, 2,3)", "`a` in (1,2,3)"),
            ("a BETWEEN 1 AND 2", "`a` between 1 and 2"),
            ("b like \"x%\" and a != 3", "`b` like 'x%' and `a` <> 3"),
            ("a mod 2 = 0", "`a` MOD 2 = 0"),
            ("a div 2 > 1", "`a` DIV 2 > 1"),
            ("b rlike '^a'", "`b` regexp '^a'"),
            ("length(b) > 2", "octet_length(`b`) > 2"),
            ("lower(b) = b", "lcase(`b`) = `b`"),
            ("substring(b, 1, 2) = 'x'", "substr(`b`,1,2) = 'x'"),
            ("b <> 'it''s'", r"`b` <> 'it\'s'"),
            ("a = -3 /* why */ or not (b is null)", "`a` = -3 or not(`b` is null)"),
            ("(a + b) * 2 > 0", "(`a` + `b`) * 2 > 0"),
            ("b = _utf8mb4'x' and c in (_utf8mb3'y', _latin1'z')", "`b` = 'x' and `c` in ('y', _latin1'z')"),
            ("c > DATE '2020-01-01'", "`c` > DATE'2020-01-01'"),
            ("if(a > 1, true, false)", "if(`a` > 1,1,0)"),
            ("a is true", "`a` is true"),
            ("case when a>1 then 1 else 0 end = 1", "case when `a` > 1 then 1 else 0 end = 1"),
            ("now()", "current_timestamp()"),
            ("CURRENT_TIMESTAMP", "current_timestamp()"),
            ("current_date", "curdate()"),
            ("localtimestamp(6)", "current_timestamp(6)"),
        ];
        for (written, shown) in same {
            let (a, b) = (Expr::new(expression(written)), Expr::new(expression(shown)));
            assert_eq!(a, b, "{} | {}", a.normal(), b.normal());
        }
        assert_ne!(Expr::new(expression("a and (b or c)")), Expr::new(expression("a and b or c")));
    }

    #[test]
    fn a_definition_does_not_say_who_made_it() {
        let plain = "CREATE TRIGGER tr before insert on t for each row set new.a = 1";
        let cases = [
            "CREATE DEFINER=`root`@`localhost` TRIGGER tr before insert on t for each row set new.a = 1",
            "CREATE OR REPLACE DEFINER = current_user() TRIGGER tr before insert on t for each row set new.a = 1",
            "CREATE TRIGGER IF NOT EXISTS tr before insert on t for each row set new.a = 1",
            plain,
        ];
        for text in cases {
            assert_eq!(definition(text), plain);
        }
    }
}
