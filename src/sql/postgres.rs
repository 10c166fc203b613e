//! PostgreSQL's SQL, through squawk-syntax: checks a file's syntax and splits it into statements with
//! their places; a tokenizer and the readings of small syntax (identifiers, types, texts) serve the
//! replay. What a statement does to a schema is for the replay to say. The parser's types stay here.

mod query;
mod rename;
mod text;
mod token;
mod types;

use std::ops::Range;

use squawk_syntax::ast::{self, AstNode};
use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

pub(crate) use self::rename::{rename_column, rename_function, rename_relation, rename_view_column};
pub(crate) use self::text::{body, create, trigger};
pub(crate) use self::token::{Token, TokenKind, mentions, token_at, tokens};
pub(crate) use self::types::{internal_type_name, is_serial, sql_type};
use super::Statement;
use super::pieces::{LONG, first_errors, is_deep, pieces, whole};
use crate::dialect::{Dialect, POSTGRES_NAME, clip};
use crate::error::{Error, Result};
use crate::place::Place;

/// The statements of a file, in order; where the text does not parse, as well as can be told.
pub fn statements(text: &str) -> Vec<Statement<'_>> {
    read(text, "").0
}

/// The statements of a file that has to be right.
///
/// # Errors
/// The first syntax error, with its place. Errors inside function bodies do not count: the server
/// takes a body as a string, and checks it or not.
pub(crate) fn parse<'a>(text: &'a str, file: &str) -> Result<Vec<Statement<'a>>> {
    let (statements, errors) = read(text, file);
    match errors.into_iter().next() {
        None => Ok(statements),
        Some(error) => Err(error),
    }
}

/// The statements of a file as well as can be told, and what does not parse in it.
pub(crate) fn read<'a>(text: &'a str, file: &str) -> (Vec<Statement<'a>>, Vec<Error>) {
    Parsed::of(text).told(text, file)
}

/// What the parser says of a text, without the text.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    statements: Vec<Range<usize>>,
    /// With the offset of each.
    wrong: Vec<(usize, String)>,
}

impl Parsed {
    /// Reads a text, piece by piece where it is long.
    pub(crate) fn of(text: &str) -> Self {
        let mut all = Self::default();
        for piece in pieces(Dialect::Postgres, text) {
            if piece.len() > LONG {
                all.statements.push(whole(Dialect::Postgres, text, &piece));
                continue;
            }
            let part = &text[piece.clone()];
            if part.len() > DEEP_FROM && is_deep(Dialect::Postgres, part) {
                all.wrong.push((piece.start, "brackets nest too deep to be read".to_owned()));
                continue;
            }
            let Self { statements, wrong } = with_stack(part.len(), || parsed(part));
            all.statements
                .extend(statements.into_iter().map(|range| range.start + piece.start..range.end + piece.start));
            all.wrong.extend(wrong.into_iter().map(|(offset, message)| (offset + piece.start, message)));
        }
        all.wrong = first_errors(all.wrong);
        all
    }

    /// The same of the text that was read: its statements, and what does not parse in it.
    pub(crate) fn told<'a>(&self, text: &'a str, file: &str) -> (Vec<Statement<'a>>, Vec<Error>) {
        let error = |(offset, message): &(usize, String)| {
            let message = format!("the SQL does not parse: {message}");
            Error::undecided(message).at(Place::at_offset(file, text, *offset))
        };
        let statement = |range: &Range<usize>| Statement { text: &text[range.clone()], offset: range.start };
        (self.statements.iter().map(statement).collect(), self.wrong.iter().map(error).collect())
    }
}

/// Shorter texts cannot nest deep enough to matter.
const DEEP_FROM: usize = 1 << 12;

fn parsed(text: &str) -> Parsed {
    let parse = SourceFile::parse(text);
    let root = parse.syntax_node();
    let wrong = parse.errors().into_iter().filter(|error| !is_in_body(&root, error.range().start().into()));
    Parsed {
        wrong: wrong.map(|error| (error.range().start().into(), error.message().to_owned())).collect(),
        statements: root
            .children()
            .filter_map(ast::Stmt::cast)
            .filter_map(|stmt| statement_range(stmt.syntax()))
            .collect(),
    }
}

/// Runs what follows a text by recursion, which a long chain of operators takes deep: with a stack for
/// that, of which only what is used takes memory.
fn with_stack<T: Send>(len: usize, run: impl Fn() -> T + Send + Sync) -> T {
    const STACK: usize = 512 << 20;
    if len <= DEEP_FROM {
        return run();
    }
    let large = |run: &(dyn Fn() -> T + Send + Sync)| {
        std::thread::scope(|scope| {
            let stack = STACK.min(len.saturating_mul(1 << 10).max(8 << 20));
            let thread = std::thread::Builder::new().stack_size(stack).spawn_scoped(scope, run).ok()?;
            thread.join().ok()
        })
    };
    large(&run).unwrap_or_else(run)
}

fn is_in_body(root: &SyntaxNode, offset: usize) -> bool {
    let Ok(offset) = u32::try_from(offset) else { return false };
    root.token_at_offset(offset.into())
        .any(|token| token.parent_ancestors().any(|node| node.kind() == SyntaxKind::AS_DEFINITION))
}

/// From the first token that is no comment to the last one before the semicolon.
fn statement_range(node: &SyntaxNode) -> Option<std::ops::Range<usize>> {
    let mut solid = node
        .descendants_with_tokens()
        .filter_map(|element| element.into_token())
        .filter(|token| !token.kind().is_trivia() && token.kind() != SyntaxKind::SEMICOLON);
    let first = solid.next()?;
    // Not `last_token`: that of a node whose last child is an empty node is none.
    let last = solid.last();
    let end = last.unwrap_or_else(|| first.clone()).text_range().end();
    Some(first.text_range().start().into()..end.into())
}

/// An identifier as the server stores it: folded or unquoted, and cut to 63 bytes (PostgreSQL
/// manual 4.1.1).
pub(crate) fn ident(text: &str) -> String {
    let quoted = text.strip_prefix("U&").or_else(|| text.strip_prefix("u&")).unwrap_or(text);
    let name = match quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => Dialect::Postgres.fold(text),
    };
    clip(&name, POSTGRES_NAME).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{ident, parse, statements};

    #[test]
    fn statements_leave_comments_and_semicolons_out() {
        let text = "-- a\nSELECT 1; /* b */\n\nCREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql -- c\n;;\nSELECT ';'";
        let found = statements(text);
        let texts: Vec<&str> = found.iter().map(|s| s.text).collect();
        assert_eq!(
            texts,
            ["SELECT 1", "CREATE FUNCTION f() RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql", "SELECT ';'"]
        );
        assert!(found.iter().all(|s| text[s.offset..].starts_with(s.text)));
        // The syntax tree of a UNIQUE without options ends with an empty node.
        let last = "ALTER TABLE t ADD b int UNIQUE";
        assert_eq!(statements(last).iter().map(|s| s.text).collect::<Vec<_>>(), [last]);
    }

    #[test]
    fn syntax_errors_have_a_place() {
        let error = parse("SELECT 1;\nCREATE TABEL t ();", "up.sql").unwrap_err();
        assert!(error.to_string().starts_with("up.sql:2: the SQL does not parse"), "{error}");
    }

    #[test]
    fn identifiers_are_folded_unquoted_and_cut() {
        assert_eq!(ident("Users"), "users");
        assert_eq!(ident("\"a\"\"B\""), "a\"B");
        assert_eq!(ident(&"x".repeat(70)).len(), 63);
    }
}
