//! A long text in pieces that can be read one after the other, so that a file of any length takes no more
//! memory than its longest statement. What a statement is, is each dialect's own business; here it is only
//! told where one ends for certain.

use std::ops::Range;

use super::{mysql, postgres, sqlite};
use crate::dialect::Dialect;

/// Statements beyond this are not read in full: a seed of rows, mostly. In bytes.
pub(crate) const LONG: usize = 1 << 20;

/// What of a long statement is looked at.
const HEAD: usize = 1 << 16;

/// How long the pieces of a long text are, about.
const PIECE: usize = 1 << 18;

/// How deep brackets may nest for those who follow them by recursion.
const DEEP: usize = 2_000;

/// So many errors of a file are told by themselves.
const MOST_ERRORS: usize = 100;

/// What is wrong with a text, by offset: the first of very many, and how many more there are.
pub(crate) fn first_errors(mut wrong: Vec<(usize, String)>) -> Vec<(usize, String)> {
    let left = wrong.len().saturating_sub(MOST_ERRORS);
    wrong.truncate(MOST_ERRORS);
    if let Some((_, last)) = wrong.last_mut().filter(|_| left > 0) {
        last.push_str(&format!("; {left} more behind it"));
    }
    wrong
}

/// The part of a statement that is looked at: all of it, but for a long one.
pub(crate) fn head(text: &str) -> &str {
    if is_long(text) { &text[..text.floor_char_boundary(HEAD)] } else { text }
}

/// Whether only the beginning of a statement is looked at.
pub(crate) fn is_long(text: &str) -> bool {
    text.len() > LONG
}

/// Pieces of a text that end behind statements; one of a length beyond [`LONG`] is one statement. A text
/// that is not long is one piece.
pub(crate) fn pieces(dialect: Dialect, text: &str) -> Vec<Range<usize>> {
    if !is_long(text) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = Vec::new();
    let mut statement = Inside::default();
    let (mut from, mut border, mut at) = (0, 0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let (is_solid, len) = token(dialect, rest);
        at += len;
        if !is_solid || !statement.ends_at(&rest[..len]) {
            continue;
        }
        // What is before a long statement is a piece by itself.
        if at - border > LONG && border > from {
            found.push(from..border);
            from = border;
        }
        border = at;
        if border - from >= PIECE {
            found.push(from..border);
            from = border;
        }
    }
    if at - border > LONG && border > from {
        found.push(from..border);
        from = border;
    }
    if from < text.len() {
        found.push(from..text.len());
    }
    found
}

/// A long piece as the one statement that it is: without comments before it and its semicolon.
pub(crate) fn whole(dialect: Dialect, text: &str, piece: &Range<usize>) -> Range<usize> {
    let mut at = piece.start;
    while at < piece.end {
        let (is_solid, len) = token(dialect, &text[at..piece.end]);
        if is_solid {
            break;
        }
        at += len;
    }
    let solid = text[at..piece.end].trim_end().trim_end_matches(';').trim_end();
    at..at + solid.len()
}

/// Whether brackets nest deeper than anybody writes by hand.
pub(crate) fn is_deep(dialect: Dialect, text: &str) -> bool {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let (_, len) = token(dialect, &text[at..]);
        match &text[at..at + len] {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEP {
            return true;
        }
        at += len;
    }
    false
}

/// Whether the token that a text begins with is neither white space nor a comment, and its length.
fn token(dialect: Dialect, rest: &str) -> (bool, usize) {
    match dialect {
        Dialect::Postgres => postgres::token_at(rest),
        Dialect::Sqlite => sqlite::solid_at(rest),
        Dialect::Mysql => mysql::token_at(rest),
    }
}

/// The statement at hand, as far as its end depends on it.
#[derive(Default)]
struct Inside {
    /// How many tokens it has so far, up to a few.
    tokens: usize,
    creates: bool,
    /// Whether it may have semicolons inside.
    has_body: bool,
    depth: usize,
    /// Whether the token before was BEGIN, or END.
    begins: bool,
    ends: bool,
}

impl Inside {
    /// Takes a token; whether it is the semicolon behind the statement.
    fn ends_at(&mut self, token: &str) -> bool {
        if token == ";" && self.depth == 0 {
            *self = Self::default();
            return true;
        }
        let is = |word: &str| token.eq_ignore_ascii_case(word);
        let (begun, ended) = (std::mem::take(&mut self.begins), std::mem::take(&mut self.ends));
        self.tokens += 1;
        self.creates |= self.tokens == 1 && is("create");
        // PostgreSQL's bodies are strings, but for those in SQL itself.
        self.has_body |= begun && is("atomic");
        if self.creates && self.tokens < 12 && self.depth == 0 {
            self.has_body |= ["trigger", "procedure", "function", "event", "package"].iter().any(|word| is(word));
        }
        if !self.has_body {
            self.begins = is("begin");
            return false;
        }
        if is("end") {
            self.depth = self.depth.saturating_sub(1);
            self.ends = true;
        } else if is("begin") || is("case") || (is("atomic") && begun) {
            // END CASE has counted already.
            self.depth += usize::from(!(ended && is("case")));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{LONG, is_deep, pieces, whole};
    use crate::dialect::Dialect::{self, Mysql, Postgres, Sqlite};
    use crate::sql::statements;

    /// Whether the pieces have the statements of the text, and how many pieces there are.
    fn check(dialect: Dialect, text: &str) -> usize {
        let found = pieces(dialect, text);
        assert_eq!((found[0].start, found[found.len() - 1].end), (0, text.len()));
        assert!(found.windows(2).all(|pair| pair[0].end == pair[1].start));
        let mut by_piece = Vec::new();
        for piece in &found {
            if piece.len() > LONG {
                by_piece.push(whole(dialect, text, piece).start);
            } else {
                let own = statements(dialect, &text[piece.clone()]).unwrap();
                by_piece.extend(own.iter().map(|statement| piece.start + statement.offset));
            }
        }
        let all = statements(dialect, text).unwrap();
        assert_eq!(by_piece, all.iter().map(|statement| statement.offset).collect::<Vec<_>>());
        found.len()
    }

    #[test]
    fn pieces_end_behind_statements() {
        let rows = "INSERT INTO t VALUES (1, 'a;''b'); -- c;\n/* ; */\n".repeat(30_000);
        for dialect in [Postgres, Sqlite, Mysql] {
            assert_eq!(check(dialect, "SELECT 1; SELECT 2"), 1);
            assert!(check(dialect, &rows) > 4, "{dialect}");
            let one = format!("SELECT 1;\nINSERT INTO t VALUES (0){};\nSELECT 2", ", (1, 'x')".repeat(200_000));
            assert_eq!(check(dialect, &one), 3, "{dialect}");
        }
        let trigger = "CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW BEGIN UPDATE t SET a = CASE b WHEN 1 THEN 2 END; DELETE FROM t; END;\n";
        for dialect in [Sqlite, Mysql] {
            assert!(check(dialect, &trigger.repeat(20_000)) > 4, "{dialect}");
        }
        let atomic = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END; END;\nSELECT $$;$$;\n";
        assert!(check(Postgres, &atomic.repeat(15_000)) > 4);
    }

    #[test]
    fn brackets_nest() {
        assert!(!is_deep(Postgres, &format!("SELECT {}1{}", "(".repeat(100), ")".repeat(100))));
        assert!(!is_deep(Postgres, &format!("SELECT '{}'", "(".repeat(10_000))));
        assert!(is_deep(Postgres, &format!("SELECT {}1", "(".repeat(10_000))));
    }
}
