//! SQLite's SQL: a lossless tokenizer for spans and a splitter into statements, both after
//! sqlite.org/lang.html; the structure of a statement is sqlite3-parser's business, through
//! [`parse`]. What a statement does is left to the replay.

use std::borrow::Cow;

pub use sqlite3_parser::ast;
use sqlite3_parser::ast::Cmd;
use sqlite3_parser::lexer::sql::{Error as ParseError, Parser};
use sqlite3_parser::{Bump, FallibleIterator};

use super::{Statement, by_pieces};
use crate::dialect::Dialect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// White space.
    Space,
    /// `-- …` without its line end, or `/* … */`.
    Comment,
    /// A keyword or bare identifier.
    Word,
    /// An identifier in double quotes, backticks or brackets.
    Quoted,
    /// A string in single quotes.
    String,
    /// `x'…'`
    Blob,
    Number,
    /// `?1`, `:name`, `@name`, `$name`
    Variable,
    /// An operator or a punctuation mark.
    Symbol,
}

/// A piece of SQL; the tokens of a text, joined, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: TokenKind,
    pub text: &'a str,
    /// Where it begins in the text, in bytes.
    pub offset: usize,
}

impl<'a> Token<'a> {
    /// The offset behind its last byte.
    pub fn end(&self) -> usize {
        self.offset + self.text.len()
    }

    /// Whether it is this bare word, in any letter case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is one of these bare words, in any letter case.
    pub fn is_any_word(&self, words: &[&str]) -> bool {
        self.kind == TokenKind::Word && words.iter().any(|word| self.text.eq_ignore_ascii_case(word))
    }

    /// Whether it is this operator or punctuation mark.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Neither white space nor comment.
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Space | TokenKind::Comment)
    }

    /// The name that it spells, where it may be an identifier (a keyword may be one, too).
    pub fn ident(&self) -> Option<Cow<'a, str>> {
        match self.kind {
            TokenKind::Word => Some(Cow::Borrowed(self.text)),
            TokenKind::Quoted => Some(unquote(self.text)),
            _ => None,
        }
    }
}

/// A name or string without its quotes, doubled quotes made single.
pub fn unquote(text: &str) -> Cow<'_, str> {
    let quote = match text.as_bytes() {
        [b'[', .., b']'] => return Cow::Borrowed(&text[1..text.len() - 1]),
        [first @ (b'\'' | b'"' | b'`'), .., last] if first == last => char::from(*first),
        _ => return Cow::Borrowed(text),
    };
    let inner = &text[1..text.len() - 1];
    if inner.contains(quote) {
        Cow::Owned(inner.replace(&format!("{quote}{quote}"), &quote.to_string()))
    } else {
        Cow::Borrowed(inner)
    }
}

/// The tokens of a text.
///
/// # Errors
/// The place and kind of a quoted text that does not end.
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, (usize, String)> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut at = 0;
    while at < text.len() {
        let (kind, len) = token_at(&text[at..]).map_err(|message| (at, message))?;
        tokens.push(Token { kind, text: &text[at..at + len], offset: at });
        at += len;
    }
    Ok(tokens)
}

/// Those tokens that are neither white space nor comment.
///
/// # Errors
/// As [`tokens`].
pub fn significant(text: &str) -> Result<Vec<Token<'_>>, (usize, String)> {
    let mut tokens = tokens(text)?;
    tokens.retain(Token::is_significant);
    Ok(tokens)
}

/// The kind and length of the token that a text, which is not empty, begins with.
fn token_at(text: &str) -> Result<(TokenKind, usize), String> {
    let bytes = text.as_bytes();
    let next = bytes.get(1).copied().unwrap_or(0);
    Ok(match bytes[0] {
        b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => (TokenKind::Space, run(bytes, |b| b.is_ascii_whitespace())),
        b'-' if next == b'-' => (TokenKind::Comment, run(bytes, |b| b != b'\n')),
        // An open comment reaches to the end: sqlite.org/lang_comment.html.
        b'/' if next == b'*' => (TokenKind::Comment, text[2..].find("*/").map_or(text.len(), |at| at + 4)),
        b'\'' => (TokenKind::String, quoted(bytes, b'\'')?),
        quote @ (b'"' | b'`') => (TokenKind::Quoted, quoted(bytes, quote)?),
        b'[' => {
            let close = text.find(']').ok_or("a bracket [ is not closed")?;
            (TokenKind::Quoted, close + 1)
        }
        b'x' | b'X' if next == b'\'' => (TokenKind::Blob, 1 + quoted(&bytes[1..], b'\'')?),
        b'0'..=b'9' => (TokenKind::Number, number(bytes)),
        b'.' if next.is_ascii_digit() => (TokenKind::Number, number(bytes)),
        b'?' | b':' | b'@' | b'#' | b'$' => (TokenKind::Variable, 1 + run(&bytes[1..], is_word_byte)),
        // A byte order mark is white space: sqlite3GetToken takes it so.
        0xEF if text.starts_with('\u{feff}') => (TokenKind::Space, 3),
        b if is_word_byte(b) => (TokenKind::Word, run(bytes, is_word_byte)),
        _ => (TokenKind::Symbol, symbol(text)),
    })
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|b| !belongs(*b)).unwrap_or(bytes.len())
}

fn is_word_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80
}

fn quoted(bytes: &[u8], quote: u8) -> Result<usize, String> {
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return Ok(at + 1);
        }
    }
    Err(format!("a quote {} is not closed", char::from(quote)))
}

fn number(bytes: &[u8]) -> usize {
    let mut at = run(bytes, |b| is_word_byte(b) || b == b'.');
    let hex = bytes.len() > 1 && matches!(bytes[1], b'x' | b'X');
    let signed = matches!(bytes.get(at), Some(b'+' | b'-')) && matches!(bytes[at - 1], b'e' | b'E');
    if signed && !hex {
        at += 1 + run(&bytes[at + 1..], |b| b.is_ascii_digit());
    }
    at
}

fn symbol(text: &str) -> usize {
    const LONG: [&str; 10] = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="];
    LONG.iter().find(|long| text.starts_with(**long)).map_or(1, |long| long.len())
}

/// Splits a text at its semicolons; those inside of a trigger's body do not count.
///
/// # Errors
/// The place and kind of a quoted text that does not end.
pub fn statements(text: &str) -> Result<Vec<Statement<'_>>, (usize, String)> {
    match read(text) {
        (statements, None) => Ok(statements),
        (_, Some(wrong)) => Err(wrong),
    }
}

/// The statements before the first thing that is wrong, and what that is.
pub(crate) fn read(text: &str) -> (Vec<Statement<'_>>, Option<(usize, String)>) {
    by_pieces(Dialect::Sqlite, text, &split)
}

/// Whether the token that a text begins with is neither white space nor a comment, and its length: all of
/// it where a quote does not end.
pub(crate) fn solid_at(rest: &str) -> (bool, usize) {
    match token_at(rest) {
        Ok((kind, len)) => (!matches!(kind, TokenKind::Space | TokenKind::Comment), len),
        Err(_) => (true, rest.len()),
    }
}

fn split(text: &str) -> Result<Vec<Statement<'_>>, (usize, String)> {
    let tokens = significant(text)?;
    let mut statements = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let len = statement_len(&tokens[start..]);
        if let (Some(first), Some(last)) = (tokens.get(start), tokens[start..start + len].last()) {
            statements.push(Statement { text: &text[first.offset..last.end()], offset: first.offset });
        }
        start += len + 1;
    }
    Ok(statements)
}

/// How many tokens stand before the statement's semicolon. A trigger ends with `; END`: no
/// statement inside of it begins with END, and a `CASE … END` has no semicolon before it.
fn statement_len(tokens: &[Token<'_>]) -> usize {
    let trigger = is_trigger(tokens);
    let closed = |at: usize| at >= 2 && tokens[at - 1].is_word("end") && tokens[at - 2].is_symbol(";");
    let is_end = |at: &usize| tokens[*at].is_symbol(";") && (!trigger || closed(*at));
    (0..tokens.len()).find(is_end).unwrap_or(tokens.len())
}

fn is_trigger(tokens: &[Token<'_>]) -> bool {
    let mut words = tokens.iter().filter(|t| !t.is_any_word(&["explain", "query", "plan", "temp", "temporary"]));
    words.next().is_some_and(|t| t.is_word("create")) && words.next().is_some_and(|t| t.is_word("trigger"))
}

/// One statement's structure; `None` for `EXPLAIN`, which changes nothing. The tree lives in
/// `bump`.
///
/// # Errors
/// Where in `sql` and why it does not parse.
pub fn parse<'a>(bump: &'a Bump, sql: &'a str) -> Result<Option<ast::Stmt<'a>>, (usize, String)> {
    match Parser::new(bump, sql.as_bytes()).next() {
        Ok(Some(Cmd::Stmt(statement))) => Ok(Some(statement)),
        Ok(_) => Ok(None),
        Err(error) => Err(explain(sql, &error)),
    }
}

fn explain(sql: &str, error: &ParseError) -> (usize, String) {
    let (place, message) = match error {
        ParseError::ParserError(error, place) => (place, error.to_string()),
        ParseError::UnrecognizedToken(place) => (place, "unrecognized token".to_owned()),
        ParseError::BadVariableName(place) => (place, "bad variable name".to_owned()),
        ParseError::BadNumber(place) => (place, "bad number".to_owned()),
        ParseError::ExpectedEqualsSign(place) => (place, "= expected after !".to_owned()),
        ParseError::MalformedBlobLiteral(place) => (place, "malformed blob literal".to_owned()),
        ParseError::MalformedHexInteger(place) => (place, "malformed hexadecimal number".to_owned()),
        other => (&None, other.to_string()),
    };
    let offset = place.as_ref().map_or(0, |place| {
        let line_start: usize = sql.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
        line_start + place.column - 1
    });
    (offset, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let statements = statements(text).unwrap();
        assert_eq!(statements.iter().map(|s| s.text).collect::<Vec<_>>(), expected, "{text}");
        for statement in statements {
            assert!(text[statement.offset..].starts_with(statement.text));
        }
    }

    #[test]
    fn statements_end_at_their_own_semicolons() {
        check("", &[]);
        check(";; -- nothing\n", &[]);
        check("\u{feff}-- first\nSELECT 1 ; /* x; */ SELECT 2 -- end", &["SELECT 1", "SELECT 2"]);
        check("SELECT ';', \";\", `;`, [;], x'00'; SELECT 2", &["SELECT ';', \";\", `;`, [;], x'00'", "SELECT 2"]);
        check("SELECT 'it''s;'; SELECT \"a\"\";\"", &["SELECT 'it''s;'", "SELECT \"a\"\";\""]);
        check("SELECT 1 /* open ; ", &["SELECT 1"]);
    }

    #[test]
    fn a_trigger_is_one_statement() {
        let plain = "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; END";
        let case = "create temp trigger if not exists a after insert on t begin\n\
                    update t set a = case when b then 1 else 2 end; select case 1 when 1 then 2 end; end";
        check(&format!("{plain}; SELECT 2"), &[plain, "SELECT 2"]);
        check(&format!("{case};\n{plain}"), &[case, plain]);
        check("CREATE TABLE trigger_log (a); SELECT 2", &["CREATE TABLE trigger_log (a)", "SELECT 2"]);
    }

    #[test]
    fn open_quotes_are_errors() {
        assert_eq!(statements("SELECT 1; SELECT 'x").unwrap_err(), (17, "a quote ' is not closed".to_owned()));
        assert_eq!(statements("SELECT [x").unwrap_err(), (7, "a bracket [ is not closed".to_owned()));
    }

    #[test]
    fn syntax_errors_have_their_offset() {
        let error = |sql: &str| parse(&Bump::new(), sql).map(|_| ()).unwrap_err();
        assert_eq!(error("CREATE TABLE a (\n  b INT,,\n)"), (25, "near \",\": syntax error".to_owned()));
        assert_eq!(error("CREATE TABLE a ("), (16, "unexpected end of input".to_owned()));
    }

    #[test]
    fn names_lose_their_quotes() {
        for (text, name) in [("a", "a"), ("\"a\"\"b\"", "a\"b"), ("`a`", "a"), ("[a b]", "a b"), ("'a''b'", "a'b")] {
            assert_eq!(unquote(text), name);
        }
    }

    proptest! {
        #[test]
        fn tokens_joined_are_the_text(text in "[ a-zé0-9'\"`;.,()x+?:/*\\[\\]\n-]{0,40}") {
            if let Ok(tokens) = tokens(&text) {
                prop_assert_eq!(tokens.iter().map(|t| t.text).collect::<String>(), text);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "CREATE", "TABLE", "TRIGGER", "VIEW", "INDEX", "ALTER", "RENAME", "TO", "ADD", "COLUMN", "DROP",
                    "a", "\"b\"\"\"", "''''", "[]", "``", "x'0'", "1e", "(", ")", ",", ".", "SELECT", "FROM", "AS",
                    "PRIMARY", "KEY", "CHECK", "DEFAULT", "REFERENCES", "ON", "NOT", "NULL", "CONSTRAINT", "?", ":",
                    "JOIN", "NATURAL", "OVER", "FILTER", "WITH", "VIRTUAL", "USING", "é", "\\", "\u{0}", "!",
                ]),
                0..14,
            )
        ) {
            let text = words.join(" ");
            for statement in statements(&text).unwrap_or_default() {
                let _ = parse(&Bump::new(), statement.text);
            }
        }
    }
}
