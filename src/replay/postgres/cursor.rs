//! A place in the tokens of one statement, and the small moves that reading DDL takes. The syntax
//! was checked before, so what is not there is skipped rather than complained about.

use crate::catalog::{Name, SqlType};
use crate::sql::postgres::{Token, TokenKind, ident, sql_type, tokens};

/// The tokens of a statement or of a part of it.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    /// The whole statement, which offsets count in.
    sql: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(sql: &'a str) -> Self {
        Self { sql, tokens: tokens(sql), at: 0 }
    }

    /// The place that many tokens further on.
    pub(super) fn at(other: &Self, ahead: usize) -> Self {
        Self { at: other.at + ahead, ..other.clone() }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Whether the bare word comes next.
    pub(super) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| t.is(word))
    }

    pub(super) fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|t| t.is(word))
    }

    /// Moves past the word if it comes next.
    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    /// Moves past the words if all come next.
    pub(super) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(n, word)| self.is_at(n, word));
        if found {
            self.at += words.len();
        }
        found
    }

    pub(super) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek().copied();
        self.at += usize::from(token.is_some());
        token
    }

    /// An identifier.
    pub(super) fn ident(&mut self) -> Option<String> {
        match self.peek() {
            Some(token) if token.kind == TokenKind::Word => {
                let name = ident(token.text);
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// A whole number with its sign.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let minus = self.eat("-");
        self.eat("+");
        let digits = self.next()?.text.replace('_', "");
        format!("{}{digits}", if minus { "-" } else { "" }).parse().ok()
    }

    /// An object's name, with or without a schema.
    pub(super) fn name(&mut self) -> Option<Name> {
        let mut path = self.path();
        let name = path.pop()?;
        Some(match path.pop() {
            Some(schema) => Name::qualified(schema, name),
            None => Name::new(name),
        })
    }

    /// The parts of a dotted name.
    pub(super) fn path(&mut self) -> Vec<String> {
        let mut path: Vec<String> = self.ident().into_iter().collect();
        while !path.is_empty() && self.is(".") {
            self.at += 1;
            path.extend(self.ident());
        }
        path
    }

    /// What stands in the parentheses that come next.
    pub(super) fn group(&mut self) -> Option<Cursor<'a>> {
        if !self.is("(") {
            return None;
        }
        let start = self.at + 1;
        self.skip_one();
        let end = self.at.saturating_sub(1).max(start);
        Some(Self { sql: self.sql, tokens: self.tokens[start..end].to_vec(), at: 0 })
    }

    /// Moves past one token, or past a whole pair of parentheses or brackets.
    pub(super) fn skip_one(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            match token.text {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The identifiers in the parentheses that come next.
    pub(super) fn names_in_group(&mut self) -> Vec<String> {
        let Some(group) = self.group() else { return Vec::new() };
        group.parts().into_iter().filter_map(|mut part| part.ident()).collect()
    }

    /// The parts between commas, each a cursor of its own.
    pub(super) fn parts(&self) -> Vec<Cursor<'a>> {
        let mut parts = Vec::new();
        let mut rest = self.clone();
        let mut start = rest.at;
        while !rest.is_done() {
            if rest.is(",") {
                parts.push(self.part(start, rest.at));
                rest.at += 1;
                start = rest.at;
            } else {
                rest.skip_one();
            }
        }
        if start < rest.at {
            parts.push(self.part(start, rest.at));
        }
        parts
    }

    fn part(&self, start: usize, end: usize) -> Cursor<'a> {
        Self { sql: self.sql, tokens: self.tokens[start..end].to_vec(), at: 0 }
    }

    /// Moves on to one of the words outside of parentheses, or to the end; the text passed, as
    /// written. The first token is passed whatever it is.
    pub(super) fn text_until(&mut self, words: &[&str]) -> &'a str {
        let start = self.at;
        while !self.is_done() && (self.at == start || !words.iter().any(|word| self.is(word))) {
            self.skip_one();
        }
        self.text_from(start)
    }

    /// The rest, as written.
    pub(super) fn rest(&mut self) -> &'a str {
        let start = self.at;
        self.at = self.tokens.len();
        self.text_from(start)
    }

    fn text_from(&self, start: usize) -> &'a str {
        match (self.tokens.get(start), self.at.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if self.at > start => &self.sql[first.offset..last.offset + last.text.len()],
            _ => "",
        }
    }

    /// A type: everything up to one of the words.
    pub(super) fn sql_type(&mut self, until: &[&str]) -> SqlType {
        let start = self.at;
        while !self.is_done() && (self.at == start || !until.iter().any(|word| self.is(word))) {
            self.skip_one();
        }
        let words: Vec<&str> = self.tokens[start..self.at].iter().map(|t| t.text).collect();
        sql_type(&words)
    }

    /// Whether a word stands anywhere outside of parentheses from here on.
    pub(super) fn has(&self, word: &str) -> bool {
        let mut rest = self.clone();
        while !rest.is_done() {
            if rest.is(word) {
                return true;
            }
            rest.skip_one();
        }
        false
    }

    /// Every token from here on, parentheses opened.
    pub(super) fn remaining(&self) -> &[Token<'a>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    pub(super) fn if_exists(&mut self) -> bool {
        self.eat_all(&["if", "exists"])
    }

    pub(super) fn if_not_exists(&mut self) -> bool {
        self.eat_all(&["if", "not", "exists"])
    }
}
