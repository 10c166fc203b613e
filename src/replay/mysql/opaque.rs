//! What cannot be read as DDL: prepared statements, and calls of procedures that run DDL. Of a
//! prepared statement one form is followed, the only one that people write by hand because MySQL has
//! no IF EXISTS there: `IF(EXISTS(SELECT … FROM information_schema …), 'ALTER TABLE … DROP …', '…')`.

use super::Replay;
use super::cursor::{Cursor, Mysql};
use crate::replay::text::touched;
use crate::sql::mysql::{body, ident, statements, tokens, value};
use crate::sql::{Token, TokenKind};

impl Replay<'_> {
    /// `SET @name = expression, …`: what a prepared statement may be made from.
    pub(super) fn set(&mut self, cx: Cursor<'_>) {
        for mut part in cx.parts() {
            let Some(variable) = part.next().filter(|t| t.text.starts_with('@')) else { continue };
            if part.eat_any(&["=", ":="]) {
                self.variables.insert(variable.text.to_ascii_lowercase(), part.rest().to_owned());
            }
        }
    }

    /// `PREPARE name FROM '…'` or a variable.
    pub(super) fn prepare(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.ident() else { return };
        cx.eat("from");
        let source = cx.rest().to_owned();
        let text = self.variables.get(&source.to_ascii_lowercase()).cloned().unwrap_or(source);
        self.prepared.insert(name.to_ascii_lowercase(), text);
    }

    /// `EXECUTE name` or `EXECUTE IMMEDIATE '…'`.
    pub(super) fn execute(&mut self, mut cx: Cursor<'_>) {
        let text = if cx.eat("immediate") {
            let source = cx.rest();
            self.variables.get(&source.to_ascii_lowercase()).cloned().unwrap_or_else(|| source.to_owned())
        } else {
            let name = cx.ident().unwrap_or_default().to_ascii_lowercase();
            let Some(text) = self.prepared.get(&name).cloned() else {
                return self.doubt([], format!("EXECUTE {name}, which is not prepared here"));
            };
            text
        };
        self.dynamic(&text);
    }

    /// Runs the expression of a prepared statement's text, as far as it is known.
    fn dynamic(&mut self, expression: &str) {
        let found = tokens(expression);
        let texts: Vec<String> = found.iter().filter_map(value).collect();
        if let [_] = found.as_slice()
            && let [text] = texts.as_slice()
        {
            return self.nested(text, false);
        }
        if let Some(text) = guarded_drop(&found) {
            return self.nested(&text, true);
        }
        let is_constant = texts.len() == found.len();
        if let Some(touched) = touched::<Mysql>(&texts.join("\n")) {
            self.doubt(touched, "a prepared statement changes the schema");
        } else if !is_constant && !found.iter().any(|token| token.kind == TokenKind::Text) {
            self.doubt([], "a prepared statement has a text that is not known here");
        }
    }

    /// Statements from inside of a string. `tolerant`: what they drop may be gone.
    fn nested(&mut self, text: &str, tolerant: bool) {
        let doubts = self.catalog.uncertain.len();
        for statement in statements(text).unwrap_or_default() {
            self.statement(statement.text);
        }
        if tolerant {
            self.catalog.uncertain.truncate(doubts);
        }
    }

    /// A call is followed no further than the names of the tables that the procedure may change.
    pub(super) fn call(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.name() else { return };
        let Some(key) = self.catalog.find_key(&self.catalog.functions, &name) else {
            return self.doubt([], format!("calls {name}, which no earlier revision creates"));
        };
        let definition = &self.catalog.functions[&key].sql;
        if let Some(touched) = touched::<Mysql>(body(definition)) {
            self.doubt(touched, format!("the procedure {name} changes the schema"));
        }
    }

    /// A block of statements outside of a procedure.
    pub(super) fn block(&mut self, sql: &str) {
        if let Some(touched) = touched::<Mysql>(sql) {
            self.doubt(touched, "a compound statement changes the schema");
        }
    }
}

/// The text of a DROP that runs if what it drops is there: `IF(<question of information_schema>,
/// '<drop>', '<no DDL>')`. The question must be about the names in the drop, and nothing in it may
/// turn it round.
fn guarded_drop(found: &[Token<'_>]) -> Option<String> {
    let [call, open, inner @ .., close] = found else { return None };
    if !(call.is("if") && open.text == "(" && close.text == ")") {
        return None;
    }
    let [question @ .., comma, then, second, otherwise] = inner else { return None };
    let (then, otherwise) = (value(then)?, value(otherwise)?);
    let asks = question.iter().any(|token| token.is("information_schema"));
    let turned = question.iter().any(|token| {
        ["not", "false", "<>", "!=", "or", "||", "<", "<="].iter().any(|word| token.is(word)) || token.text == "0"
    });
    let drop = tokens(&then);
    let drops = drop.iter().filter(|token| token.is("drop")).count() == 1
        && !drop.iter().any(|token| ["add", "modify", "change", "rename", ",", ";"].iter().any(|word| token.is(word)));
    let harmless = touched::<Mysql>(&otherwise).is_none();
    let names = |text: &str| {
        let kind = matches!(text, "FOREIGN KEY" | "UNIQUE" | "CHECK" | "PRIMARY KEY" | "BASE TABLE");
        kind || drop.iter().any(|token| ident(token.text).eq_ignore_ascii_case(text))
    };
    let about = question.iter().filter_map(value).all(|text| names(&text));
    let commas = comma.text == "," && second.text == ",";
    (asks && !turned && drops && harmless && about && commas).then_some(then)
}
