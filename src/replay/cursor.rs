//! A place in the tokens of one statement, and the small moves that reading DDL takes. What a
//! statement should have and has not is skipped rather than complained about: its syntax was
//! checked before, or the server will do so.

use std::marker::PhantomData;

use crate::catalog::Name;
use crate::sql::{Token, TokenKind};

/// How a dialect's text is taken apart.
pub(in crate::replay) trait Lexicon: Clone {
    /// The tokens, without white space and comments.
    fn tokens(sql: &str) -> Vec<Token<'_>>;

    /// A word as the name that it spells.
    fn ident(text: &str) -> String;

    /// What a string constant says; `None` for every other token.
    fn value(token: &Token<'_>) -> Option<String>;
}

/// The tokens of a statement or of a part of it.
#[derive(Clone)]
pub(in crate::replay) struct Cursor<'a, L: Lexicon> {
    /// The whole statement, which offsets count in.
    sql: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    lexicon: PhantomData<L>,
}

impl<'a, L: Lexicon> Cursor<'a, L> {
    pub(in crate::replay) fn new(sql: &'a str) -> Self {
        Self { sql, tokens: L::tokens(sql), at: 0, lexicon: PhantomData }
    }

    /// The place that many tokens further on.
    pub(in crate::replay) fn at(other: &Self, ahead: usize) -> Self {
        Self { at: other.at + ahead, ..other.clone() }
    }

    /// The whole statement.
    pub(in crate::replay) fn whole(&self) -> &'a str {
        self.sql
    }

    pub(in crate::replay) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(in crate::replay) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Whether the bare word comes next.
    pub(in crate::replay) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| t.is(word))
    }

    pub(in crate::replay) fn is_at(&self, ahead: usize, word: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|t| t.is(word))
    }

    /// Moves past the word if it comes next.
    pub(in crate::replay) fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    /// Moves past the words if all come next.
    pub(in crate::replay) fn eat_all(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(n, word)| self.is_at(n, word));
        if found {
            self.at += words.len();
        }
        found
    }

    pub(in crate::replay) fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    pub(in crate::replay) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek().copied();
        self.at += usize::from(token.is_some());
        token
    }

    /// An identifier.
    pub(in crate::replay) fn ident(&mut self) -> Option<String> {
        match self.peek() {
            Some(token) if token.kind == TokenKind::Word => {
                let name = L::ident(token.text);
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// A whole number with its sign.
    pub(in crate::replay) fn integer(&mut self) -> Option<i64> {
        let minus = self.eat("-");
        self.eat("+");
        let digits = self.next()?.text.replace('_', "");
        format!("{}{digits}", if minus { "-" } else { "" }).parse().ok()
    }

    /// An object's name, with or without a schema.
    pub(in crate::replay) fn name(&mut self) -> Option<Name> {
        let mut path = self.path();
        let name = path.pop()?;
        Some(match path.pop() {
            Some(schema) => Name::qualified(schema, name),
            None => Name::new(name),
        })
    }

    /// The parts of a dotted name.
    pub(in crate::replay) fn path(&mut self) -> Vec<String> {
        let mut path: Vec<String> = self.ident().into_iter().collect();
        while !path.is_empty() && self.is(".") {
            self.at += 1;
            path.extend(self.ident());
        }
        path
    }

    /// What stands in the parentheses that come next.
    pub(in crate::replay) fn group(&mut self) -> Option<Self> {
        if !self.is("(") {
            return None;
        }
        let start = self.at + 1;
        self.skip_one();
        let end = self.at.saturating_sub(1).max(start);
        Some(Self { sql: self.sql, tokens: self.tokens[start..end].to_vec(), at: 0, lexicon: PhantomData })
    }

    /// Moves past one token, or past a whole pair of parentheses or brackets.
    pub(in crate::replay) fn skip_one(&mut self) {
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
    pub(in crate::replay) fn names_in_group(&mut self) -> Vec<String> {
        let Some(group) = self.group() else { return Vec::new() };
        group.parts().into_iter().filter_map(|mut part| part.ident()).collect()
    }

    /// The parts between commas, each a cursor of its own.
    pub(in crate::replay) fn parts(&self) -> Vec<Self> {
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

    fn part(&self, start: usize, end: usize) -> Self {
        Self { sql: self.sql, tokens: self.tokens[start..end].to_vec(), at: 0, lexicon: PhantomData }
    }

    /// Moves on to one of the words outside of parentheses, or to the end; the text passed, as
    /// written. The first token is passed whatever it is.
    pub(in crate::replay) fn text_until(&mut self, words: &[&str]) -> &'a str {
        let start = self.at;
        while !self.is_done() && (self.at == start || !words.iter().any(|word| self.is(word))) {
            self.skip_one();
        }
        self.text_from(start)
    }

    /// Moves on to one of the words outside of parentheses, or to the end; what it passed, which may
    /// be nothing.
    pub(in crate::replay) fn until(&mut self, words: &[&str]) -> Self {
        let start = self.at;
        while !self.is_done() && !words.iter().any(|word| self.is(word)) {
            self.skip_one();
        }
        self.part(start, self.at)
    }

    /// The rest, as written.
    pub(in crate::replay) fn rest(&mut self) -> &'a str {
        let start = self.at;
        self.at = self.tokens.len();
        self.text_from(start)
    }

    /// The token or pair of parentheses that comes next, as written.
    pub(in crate::replay) fn text_of_one(&mut self) -> &'a str {
        let start = self.at;
        self.skip_one();
        self.text_from(start)
    }

    fn text_from(&self, start: usize) -> &'a str {
        match (self.tokens.get(start), self.at.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if self.at > start => &self.sql[first.offset..last.end()],
            _ => "",
        }
    }

    /// The tokens up to one of the words outside of parentheses; the first is taken whatever it is.
    pub(in crate::replay) fn take_until(&mut self, words: &[&str]) -> &[Token<'a>] {
        let start = self.at;
        self.text_until(words);
        &self.tokens[start..self.at]
    }

    /// Whether a word stands anywhere outside of parentheses from here on.
    pub(in crate::replay) fn has(&self, word: &str) -> bool {
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
    pub(in crate::replay) fn remaining(&self) -> &[Token<'a>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    pub(in crate::replay) fn if_exists(&mut self) -> bool {
        self.eat_all(&["if", "exists"])
    }

    pub(in crate::replay) fn if_not_exists(&mut self) -> bool {
        self.eat_all(&["if", "not", "exists"])
    }
}
