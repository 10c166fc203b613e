//! Replay of SQLite statements: what each does to the schema, by the rules of sqlite.org/lang.html
//! for a connection without special settings (a current SQLite, `foreign_keys` as the file says).
//! Rows are not followed, nor errors that only the engine would raise.

mod alter;
mod column;
mod create;
mod rename;

#[cfg(test)]
mod engine;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sqlite3_parser::Bump;

use super::{Unwatched, Watch, note_long};
use crate::catalog::{Catalog, Name, Uncertain};
use crate::error::{Error, Result};
use crate::place::Place;
use crate::sql::sqlite::{self, ast};
use crate::sql::{self, Statement};

/// Applies every statement of `sql` to the catalog.
///
/// # Errors
/// Where the text does not parse; the catalog is unchanged then.
pub fn apply(catalog: &mut Catalog, sql: &str, file: &str) -> Result<()> {
    let bump = Bump::new();
    let mut parsed = Vec::new();
    for (statement, tree) in read(&bump, sql, file)? {
        parsed.push((statement, tree?));
    }
    replay(catalog, sql, file, &parsed, &mut Unwatched);
    Ok(())
}

/// As [`super::follow`]; a statement that does not parse does nothing.
pub(super) fn follow(catalog: &mut Catalog, text: &str, file: &str, watch: &mut dyn Watch) -> Vec<Error> {
    let (statements, wrong) = sqlite::read(text);
    let mut wrongs = Vec::new();
    let mut replay = Replay { catalog, text, file, at: 0, temp: BTreeSet::new(), pragmas: Pragmas::default() };
    // The tree of one statement at a time.
    let mut bump = Bump::new();
    for statement in statements {
        bump.reset();
        let tree = match sql::is_long(statement.text) {
            true => None,
            false => sqlite::parse(&bump, statement.text)
                .map_err(|(offset, message)| wrongs.push((statement.offset + offset, message)))
                .ok()
                .flatten(),
        };
        replay.one(&statement, tree.as_ref(), watch);
    }
    wrongs.extend(wrong);
    sql::first_errors(wrongs).into_iter().map(|(offset, message)| wrong_at(text, file, offset, &message)).collect()
}

fn wrong_at(sql: &str, file: &str, offset: usize, message: &str) -> Error {
    Error::undecided(format!("this does not parse as SQLite: {message}")).at(Place::at_offset(file, sql, offset))
}

/// The statements of a text, each with its structure or what is wrong with it.
type Parsed<'a> = Vec<(Statement<'a>, Result<Option<ast::Stmt<'a>>>)>;

fn read<'a>(bump: &'a Bump, text: &'a str, file: &str) -> Result<Parsed<'a>> {
    let fail = |offset, message: String| wrong_at(text, file, offset, &message);
    let statements = sqlite::statements(text).map_err(|(offset, message)| fail(offset, message))?;
    let parse = |statement: Statement<'a>| {
        let tree = if sql::is_long(statement.text) { Ok(None) } else { sqlite::parse(bump, statement.text) };
        (statement, tree.map_err(|(offset, message)| fail(statement.offset + offset, message)))
    };
    Ok(statements.into_iter().map(parse).collect())
}

fn replay(
    catalog: &mut Catalog,
    sql: &str,
    file: &str,
    parsed: &[(Statement<'_>, Option<ast::Stmt<'_>>)],
    watch: &mut dyn Watch,
) {
    let mut replay = Replay { catalog, text: sql, file, at: 0, temp: BTreeSet::new(), pragmas: Pragmas::default() };
    for (statement, tree) in parsed {
        replay.one(statement, tree.as_ref(), watch);
    }
}

/// The state of one file's replay.
struct Replay<'a> {
    catalog: &'a mut Catalog,
    text: &'a str,
    file: &'a str,
    /// The current statement's offset in `text`.
    at: usize,
    /// Temporary objects of this file, in lower case: known, but no part of the schema.
    temp: BTreeSet<String>,
    pragmas: Pragmas,
}

/// The settings that change what statements do, as far as the file itself has set them.
#[derive(Default)]
struct Pragmas {
    legacy_alter_table: bool,
    foreign_keys: Option<bool>,
}

impl Replay<'_> {
    fn one(&mut self, statement: &Statement<'_>, tree: Option<&ast::Stmt<'_>>, watch: &mut dyn Watch) {
        self.at = statement.offset;
        watch.before(self.catalog, statement);
        match tree {
            Some(tree) => self.statement(statement, tree),
            None => note_long(self.catalog, statement, self.text, self.file),
        }
        watch.after(self.catalog, statement);
    }

    fn statement(&mut self, statement: &Statement<'_>, tree: &ast::Stmt<'_>) {
        use ast::Stmt;
        let sql = statement.text;
        match tree {
            Stmt::CreateTable { temporary, if_not_exists, tbl_name, body } => {
                if let Some(name) = self.new_object(tbl_name, *temporary, *if_not_exists) {
                    self.create_table(name, sql, body);
                }
            }
            Stmt::CreateVirtualTable { if_not_exists, tbl_name, .. } => {
                if let Some(name) = self.new_object(tbl_name, false, *if_not_exists) {
                    self.create_virtual_table(name, sql);
                }
            }
            Stmt::CreateView { temporary, if_not_exists, view_name, .. } => {
                if let Some(name) = self.new_object(view_name, *temporary, *if_not_exists) {
                    self.create_view(name, sql);
                }
            }
            Stmt::CreateIndex { .. } => self.create_index(sql, tree),
            Stmt::CreateTrigger { .. } => self.create_trigger(sql, tree),
            Stmt::DropTable { if_exists, tbl_name } => self.drop_table(tbl_name, *if_exists),
            Stmt::DropView { if_exists, view_name } => self.drop_view(view_name, *if_exists),
            Stmt::DropIndex { if_exists, idx_name } => self.drop_index(idx_name, *if_exists),
            Stmt::DropTrigger { if_exists, trigger_name } => self.drop_trigger(trigger_name, *if_exists),
            Stmt::AlterTable(table, body) => self.alter_table(table, sql, body),
            Stmt::Pragma(name, Some(ast::PragmaBody::Equals(value) | ast::PragmaBody::Call(value))) => {
                self.pragma(&name.name, value);
            }
            Stmt::Rollback { .. } => self.doubt([], "ROLLBACK takes back what statements before it did"),
            Stmt::Update { tbl_name, .. } | Stmt::Insert { tbl_name, .. } | Stmt::Delete { tbl_name, .. }
                if is_schema_table(&tbl_name.name) =>
            {
                self.doubt([], "a statement writes the schema table itself");
            }
            // Rows, transactions, attached files, statistics: nothing that the schema shows.
            _ => {}
        }
    }

    fn pragma(&mut self, name: &ast::Name<'_>, value: &ast::Expr<'_>) {
        let on = match value {
            ast::Expr::Id(ast::Id(text)) | ast::Expr::Name(ast::Name(text)) => is_on(text),
            ast::Expr::Literal(
                ast::Literal::Numeric(text) | ast::Literal::String(text) | ast::Literal::Keyword(text),
            ) => is_on(text),
            _ => false,
        };
        match ident(name).to_ascii_lowercase().as_str() {
            "legacy_alter_table" => self.pragmas.legacy_alter_table = on,
            "foreign_keys" => self.pragmas.foreign_keys = Some(on),
            _ => {}
        }
    }

    /// The object of the schema that a statement means; `None` where it is a temporary one or in
    /// an attached database.
    fn object(&self, name: &ast::QualifiedName<'_>) -> Option<Name> {
        let plain = ident(&name.name);
        let in_schema = match &name.db_name {
            Some(schema) => ident(schema).eq_ignore_ascii_case("main"),
            None => !self.temp.contains(&plain.to_ascii_lowercase()),
        };
        in_schema.then(|| Name::new(plain))
    }

    /// The name for a new object of the schema; `None` where there is nothing to create.
    fn new_object(&mut self, name: &ast::QualifiedName<'_>, temporary: bool, if_not_exists: bool) -> Option<Name> {
        let schema = name.db_name.as_ref().map(ident).unwrap_or_default().to_ascii_lowercase();
        let new = Name::new(ident(&name.name));
        if temporary || schema == "temp" {
            self.temp.insert(new.name.to_ascii_lowercase());
            return None;
        }
        if !schema.is_empty() && schema != "main" {
            return None;
        }
        if self.exists(&new) {
            if !if_not_exists {
                self.doubt([new.clone()], format!("{new} is created, but existed before"));
            }
            return None;
        }
        Some(new)
    }

    /// Whether a table, view or index has that name: they share one name space.
    fn exists(&self, name: &Name) -> bool {
        self.catalog.table_key(name).is_some()
            || self.catalog.view(name).is_some()
            || self.table_of_index(&name.name).is_some()
    }

    /// Forgets a temporary object; false where there is none of that name.
    fn drop_temp(&mut self, name: &ast::QualifiedName<'_>) -> bool {
        let in_main = name.db_name.as_ref().is_some_and(|schema| ident(schema).eq_ignore_ascii_case("main"));
        !in_main && self.temp.remove(&ident(&name.name).to_ascii_lowercase())
    }

    /// Notes that objects may differ from the catalog from here on; none means all.
    fn doubt(&mut self, objects: impl IntoIterator<Item = Name>, reason: impl Into<String>) {
        let at = Place::at_offset(self.file, self.text, self.at);
        self.catalog.uncertain.push(Uncertain {
            objects: objects.into_iter().collect(),
            words: BTreeSet::new(),
            reason: reason.into(),
            at,
        });
    }

    /// Notes a statement about an object that the catalog does not have, unless that is doubted
    /// already.
    fn unknown(&mut self, what: &str, name: Name) {
        if self.catalog.doubt(&name).is_none() {
            let reason = format!("the {what} {name} is not known here");
            self.doubt([name], reason);
        }
    }

    /// Ends the doubts about an object that is gone for certain.
    fn settle(&mut self, name: &Name) {
        let dialect = self.catalog.dialect;
        self.catalog.uncertain.retain_mut(|u| {
            let before = u.objects.len();
            u.objects.retain(|object| !object.same(name, dialect));
            before == 0 || !u.objects.is_empty()
        });
    }
}

/// A name without its quotes.
fn ident(name: &ast::Name<'_>) -> String {
    sqlite::unquote(name.0).into_owned()
}

/// Whether a name (with or without quotes) is that of another, by SQLite's rule for letter case.
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn is_on(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&sqlite::unquote(value).to_ascii_lowercase().as_str())
}

fn is_schema_table(name: &ast::Name<'_>) -> bool {
    ["sqlite_schema", "sqlite_master"].contains(&ident(name).to_ascii_lowercase().as_str())
}
