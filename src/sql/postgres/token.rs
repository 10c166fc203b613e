//! A tokenizer for fragments that have no syntax tree: expressions kept as text, and the bodies of
//! functions and DO blocks. It knows PostgreSQL's quoting (manual 4.1) and nothing of its grammar.

use super::ident;
pub(crate) use crate::sql::token::{Token, TokenKind};

impl Token<'_> {
    /// What a string constant says; escapes of `E''` strings are left as written.
    pub(crate) fn value(&self) -> Option<String> {
        if self.kind != TokenKind::Text {
            return None;
        }
        if self.text.starts_with('$') {
            let tag = self.text[1..].find('$')? + 2;
            return self.text.get(tag..self.text.len().checked_sub(tag)?).map(str::to_owned);
        }
        let start = self.text.find('\'')? + 1;
        let inner = &self.text[start..];
        Some(inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'"))
    }
}

/// The tokens of `sql`, without white space and comments.
pub(crate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &sql[at..];
        let (kind, len) = scan(rest);
        if let Some(kind) = kind {
            tokens.push(Token { kind, text: &rest[..len], offset: at });
        }
        at += len;
    }
    tokens
}

/// Whether the token that a text begins with is neither white space nor a comment, and its length.
pub(crate) fn token_at(rest: &str) -> (bool, usize) {
    let (kind, len) = scan(rest);
    (kind.is_some(), len)
}

/// The kind (`None`: nothing) and the length of the token that `rest` starts with.
fn scan(rest: &str) -> (Option<TokenKind>, usize) {
    let bytes = rest.as_bytes();
    match bytes[0] {
        b if b.is_ascii_whitespace() => (None, 1),
        b'-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
        b'/' if rest.starts_with("/*") => (None, comment_len(rest)),
        b'\'' => (Some(TokenKind::Text), quoted_len(rest, 0, false)),
        b'"' => (Some(TokenKind::Word), quoted_len(rest, 0, false)),
        b'$' => match dollar_len(rest) {
            Some(len) => (Some(TokenKind::Text), len),
            None => (Some(TokenKind::Mark), 1),
        },
        b'e' | b'E' if bytes.get(1) == Some(&b'\'') => (Some(TokenKind::Text), quoted_len(rest, 1, true)),
        b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if bytes.get(1) == Some(&b'\'') => {
            (Some(TokenKind::Text), quoted_len(rest, 1, false))
        }
        b if b == b'_' || b.is_ascii_alphabetic() || !b.is_ascii() => (Some(TokenKind::Word), word_len(rest)),
        b if b.is_ascii_digit() => (Some(TokenKind::Mark), word_len(rest)),
        b':' if rest.starts_with("::") || rest.starts_with(":=") => (Some(TokenKind::Mark), 2),
        b'|' if rest.starts_with("||") => (Some(TokenKind::Mark), 2),
        _ => (Some(TokenKind::Mark), 1),
    }
}

fn word_len(rest: &str) -> usize {
    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len()).max(1)
}

/// Block comments nest.
fn comment_len(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a quoted text whose opening quote stands at `open`.
fn quoted_len(rest: &str, open: usize, backslashes: bool) -> usize {
    let bytes = rest.as_bytes();
    let quote = bytes[open];
    let mut at = open + 1;
    while at < bytes.len() {
        if backslashes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    rest.len()
}

fn dollar_len(rest: &str) -> Option<usize> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    let plain = tag[1..tag_end - 1].bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric() || !b.is_ascii());
    if !plain || tag.as_bytes()[1].is_ascii_digit() {
        return None;
    }
    Some(rest[tag_end..].find(tag).map_or(rest.len(), |end| tag_end + end + tag_end))
}

/// Whether `sql` names the column `column`: as a word that is no function and no qualifier.
pub(crate) fn mentions(sql: &str, column: &str) -> bool {
    let tokens = tokens(sql);
    (0..tokens.len()).any(|at| is_column(&tokens, at, column))
}

fn is_column(tokens: &[Token<'_>], at: usize, column: &str) -> bool {
    let token = &tokens[at];
    token.kind == TokenKind::Word
        && ident(token.text) == column
        && !tokens.get(at + 1).is_some_and(|next| next.text == "(" || next.text == ".")
        && !(at > 0 && tokens[at - 1].text == "::")
}

#[cfg(test)]
mod tests {
    use super::{mentions, tokens};

    #[test]
    fn quotes_comments_and_dollars_are_single_tokens() {
        let cases = [
            ("a -- x\n+ 1", "a|+|1"),
            ("/* a /* b */ c */ x", "x"),
            ("'it''s' || E'a\\'b'", "'it''s'||||E'a\\'b'"),
            ("$$ a $$ $x$ $$ $x$ $1", "$$ a $$|$x$ $$ $x$|$|1"),
            ("\"A b\".c::text", "\"A b\"|.|c|::|text"),
        ];
        for (sql, expected) in cases {
            assert_eq!(tokens(sql).iter().map(|t| t.text).collect::<Vec<_>>().join("|"), expected);
        }
    }

    #[test]
    fn columns_are_found_as_words() {
        assert!(mentions("t.a = 1", "a"));
        assert!(!mentions("a.b = 'a'", "a"));
    }
}
