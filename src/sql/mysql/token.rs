//! A tokenizer for the SQL of MySQL and MariaDB (MySQL manual chapter 11, Language Structure): the
//! three kinds of comments, executable comments whose text is code, backticks, and strings in
//! either quote with backslash escapes (neither ANSI_QUOTES nor NO_BACKSLASH_ESCAPES).

use std::ops::Range;

use crate::sql::{Token, TokenKind};

/// The server version up to which an executable comment is code: MariaDB 10.11.
const VERSION: u32 = 101_199;

/// What MySQL's later versions put into such comments is nothing to MariaDB.
const MYSQL_ONLY: Range<u32> = 50_700..100_000;

/// A text taken apart.
pub(super) struct Scan<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    /// Where the executable comments stand whose text is among the tokens.
    pub(super) code: Vec<Range<usize>>,
    /// The place and kind of a quoted text or comment that does not end.
    pub(super) open: Option<(usize, String)>,
}

/// The tokens of `sql`, without white space and comments.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    scan(sql).tokens
}

pub(super) fn scan(sql: &str) -> Scan<'_> {
    let mut scan = Scan { tokens: Vec::with_capacity(sql.len() / 5), code: Vec::new(), open: None };
    let mut code: Option<usize> = None;
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        if code.is_some() && rest.starts_with("*/") {
            at += 2;
            scan.code.extend(code.take().map(|start| start..at));
        } else if let Some(len) = code_comment(rest) {
            code = Some(at);
            at += len;
        } else if let Some(len) = blank(rest) {
            if rest.starts_with("/*") && !rest[..len].ends_with("*/") {
                scan.open.get_or_insert((at, "a comment /* is not closed".to_owned()));
            }
            at += len;
        } else {
            let (kind, len, closed) = token(rest);
            if !closed {
                let quote =
                    rest.trim_start_matches(|c: char| c.is_alphabetic() || c == '@').chars().next().unwrap_or('\'');
                scan.open.get_or_insert((at, format!("a quote {quote} is not closed")));
            }
            scan.tokens.push(Token { kind, text: &rest[..len], offset: at });
            at += len;
        }
    }
    scan.code.extend(code.map(|start| start..sql.len()));
    scan
}

/// Whether the token that a text begins with is neither white space nor a comment, and its length.
pub(crate) fn token_at(rest: &str) -> (bool, usize) {
    match code_comment(rest) {
        Some(len) => (false, len),
        None => blank(rest).map_or_else(|| (true, token(rest).1), |len| (false, len)),
    }
}

/// The length of what opens an executable comment, where its text counts.
fn code_comment(rest: &str) -> Option<usize> {
    let (mark, for_mariadb) = if rest.starts_with("/*M!") { (4, true) } else { (3, false) };
    if mark == 3 && !rest.starts_with("/*!") {
        return None;
    }
    let digits = rest[mark..].bytes().take(6).take_while(u8::is_ascii_digit).count();
    let version: u32 = if digits >= 5 { rest[mark..mark + digits].parse().ok()? } else { 0 };
    let runs = version <= VERSION && (for_mariadb || !MYSQL_ONLY.contains(&version));
    runs.then_some(mark + if digits >= 5 { digits } else { 0 })
}

/// The length of white space or of a comment that is none but a comment.
fn blank(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let line = || rest.find('\n').unwrap_or(rest.len());
    match bytes[0] {
        b if b.is_ascii_whitespace() || b == 0 => Some(1),
        0xEF if rest.starts_with('\u{feff}') => Some(3),
        b'#' => Some(line()),
        // Two dashes and nothing behind them are two minus signs.
        b'-' if rest.starts_with("--")
            && bytes.get(2).is_none_or(|b| b.is_ascii_whitespace() || b.is_ascii_control()) =>
        {
            Some(line())
        }
        b'/' if rest.starts_with("/*") => Some(rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
        _ => None,
    }
}

/// The kind and length of the token that `rest` starts with, and whether its quotes are closed.
fn token(rest: &str) -> (TokenKind, usize, bool) {
    let bytes = rest.as_bytes();
    let quote_at = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'\'' | b'"'));
    match bytes[0] {
        b'\'' | b'"' => quoted(rest, 0, TokenKind::Text),
        b'`' => quoted(rest, 0, TokenKind::Word),
        b'n' | b'N' if quote_at(1) => quoted(rest, 1, TokenKind::Text),
        b'x' | b'X' | b'b' | b'B' if bytes.get(1) == Some(&b'\'') => quoted(rest, 1, TokenKind::Text),
        b'@' if quote_at(1) || bytes.get(1) == Some(&b'`') => quoted(rest, 1, TokenKind::Mark),
        b'@' => {
            let signs = if rest.starts_with("@@") { 2 } else { 1 };
            let name = rest[signs..].find(|c: char| !(is_word(c) || c == '.')).unwrap_or(rest.len() - signs);
            (TokenKind::Mark, signs + name, true)
        }
        b'.' if bytes.get(1).is_some_and(u8::is_ascii_digit) => (TokenKind::Mark, number(rest), true),
        b if b.is_ascii_digit() => {
            let (number, word) = (number(rest), word(rest));
            // A name may begin with digits.
            if word > number { (TokenKind::Word, word, true) } else { (TokenKind::Mark, number, true) }
        }
        b if is_word(char::from(b)) || b >= 0x80 => (TokenKind::Word, word(rest).max(1), true),
        _ => (TokenKind::Mark, symbol(rest), true),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

fn word(rest: &str) -> usize {
    rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize, is: fn(&u8) -> bool| from + bytes[from..].iter().take_while(|b| is(b)).count();
    if bytes[0] == b'0' && matches!(bytes.get(1), Some(b'x' | b'b')) {
        return digits(2, u8::is_ascii_hexdigit);
    }
    let mut at = digits(0, u8::is_ascii_digit);
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1, u8::is_ascii_digit);
    }
    let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
    if matches!(bytes.get(at), Some(b'e' | b'E')) && bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit) {
        at = digits(at + 1 + sign, u8::is_ascii_digit);
    }
    at
}

fn symbol(rest: &str) -> usize {
    const LONG: [&str; 12] = ["<=>", "->>", "<=", ">=", "<>", "!=", "||", "&&", "<<", ">>", ":=", "->"];
    LONG.iter().find(|long| rest.starts_with(**long)).map_or(1, |long| long.len())
}

/// A quoted text whose opening quote stands at `open`; backslashes escape in strings only.
fn quoted(rest: &str, open: usize, kind: TokenKind) -> (TokenKind, usize, bool) {
    let bytes = rest.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    while at < bytes.len() {
        if bytes[at] == b'\\' && quote != b'`' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return (kind, at + 1, true);
        }
    }
    (kind, rest.len(), false)
}

/// A word as the name that it spells.
pub(crate) fn ident(text: &str) -> String {
    match text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        Some(inner) => inner.replace("``", "`"),
        None => text.to_owned(),
    }
}

/// What a string says; `None` for bit and hexadecimal strings, which are numbers or bytes, and for
/// what is no string.
pub(crate) fn value(token: &Token<'_>) -> Option<String> {
    let text = token.text.strip_prefix(['n', 'N']).unwrap_or(token.text);
    let quote = text.chars().next().filter(|c| token.kind == TokenKind::Text && matches!(c, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?;
    let mut rest = inner.strip_suffix(quote).unwrap_or(inner).chars();
    let mut value = String::with_capacity(inner.len());
    while let Some(c) = rest.next() {
        if c == quote {
            rest.next();
            value.push(quote);
        } else if c == '\\' {
            value.extend(escaped(rest.next()));
        } else {
            value.push(c);
        }
    }
    Some(value)
}

/// MySQL manual, table 11.1.
fn escaped(c: Option<char>) -> Vec<char> {
    match c {
        Some('n') => vec!['\n'],
        Some('t') => vec!['\t'],
        Some('r') => vec!['\r'],
        Some('b') => vec!['\u{8}'],
        Some('0') => vec!['\0'],
        Some('Z') => vec!['\u{1a}'],
        Some(c @ ('%' | '_')) => vec!['\\', c],
        Some(c) => vec![c],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{ident, tokens, value};

    #[test]
    fn quotes_and_comments_are_single_tokens() {
        let cases = [
            ("a -- x\n+ 1 # y\n* 2", "a|+|1|*|2"),
            ("5--3", "5|-|-|3"),
            ("'it''s' \"a\\\"b\" `c``d` n'x' x'00' b'1'", "'it''s'|\"a\\\"b\"|`c``d`|n'x'|x'00'|b'1'"),
            ("/* a */ b /*!40101 c */ d /*!80000 e */ f /*M!100500 g */", "b|c|d|f|g"),
            ("/*! a */ b", "a|b"),
            ("@x := @@sql_mode, @`y`", "@x|:=|@@sql_mode|,|@`y`"),
            ("a.b<=>1.5e-3 and 1st > .5 || 0x1F", "a|.|b|<=>|1.5e-3|and|1st|>|.5||||0x1F"),
        ];
        for (sql, expected) in cases {
            assert_eq!(tokens(sql).iter().map(|t| t.text).collect::<Vec<_>>().join("|"), expected);
        }
    }

    #[test]
    fn strings_and_names_lose_their_quotes() {
        for (sql, expected) in [(r"'a\'b\n\\c''d'", "a'b\n\\c'd"), ("\"x'y\"", "x'y"), (r"'50\%'", r"50\%")] {
            assert_eq!(value(&tokens(sql)[0]).as_deref(), Some(expected));
        }
        assert_eq!(value(&tokens("x'41'")[0]), None);
        assert_eq!(ident("`a``B`"), "a`B");
    }
}
