//! Replay of PostgreSQL statements: what each one does to the schema, as the server would do it,
//! default names included. Statements that only touch data, rights or storage do nothing here.
//! What cannot be followed (dynamic SQL, tables that no revision creates) becomes an `Uncertain`
//! with the objects that it may touch. Syntax is checked by `sql::postgres` before.

mod alter;
mod constraint;
mod cursor;
mod index;
mod names;
mod object;
mod opaque;
mod partition;
mod policy;
mod sequence;
mod table;
mod types;

#[cfg(test)]
mod postgres_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use self::cursor::Cursor;
pub(in crate::replay) use self::cursor::Postgres;
use super::text::Touched;
use super::{Unwatched, Watch, note_doubt, note_long};
use crate::catalog::{Catalog, Name};
use crate::error::Result;
use crate::place::Place;
use crate::sql::{Statement, head, postgres};

/// Applies every statement of `sql` to the catalog.
///
/// # Errors
/// Where the text does not parse.
pub fn apply(catalog: &mut Catalog, sql: &str, file: &str) -> Result<()> {
    follow(catalog, sql, file, &postgres::parse(sql, file)?, &mut Unwatched);
    Ok(())
}

/// Applies statements of a text, watched.
pub(super) fn follow(
    catalog: &mut Catalog,
    sql: &str,
    file: &str,
    statements: &[Statement<'_>],
    watch: &mut dyn Watch,
) {
    let mut replay = Replay { catalog, text: sql, file, offset: 0, temporary: BTreeSet::new() };
    for statement in statements {
        replay.offset = statement.offset;
        watch.before(replay.catalog, statement);
        let text = head(statement.text);
        replay.statement(text);
        replay.catalog.heard(text);
        note_long(replay.catalog, statement, sql, file);
        if !replay.catalog.comments.is_empty() {
            replay.catalog.prune_comments();
        }
        watch.after(replay.catalog, statement);
    }
}

/// The replay of one file.
struct Replay<'a> {
    catalog: &'a mut Catalog,
    text: &'a str,
    file: &'a str,
    /// Where the statement at hand starts.
    offset: usize,
    /// Temporary tables of this session; they never become part of the schema.
    temporary: BTreeSet<Name>,
}

impl Replay<'_> {
    fn statement(&mut self, sql: &str) {
        let mut cx = Cursor::new(sql);
        let Some(verb) = cx.next() else { return };
        match verb.text.to_ascii_lowercase().as_str() {
            "create" => self.create(cx, sql),
            "alter" => self.alter(cx),
            "drop" => self.drop(cx),
            "comment" => self.comment(cx),
            "do" => self.do_block(cx),
            "select" | "call" | "values" | "perform" => self.calls(&cx),
            "set" => self.set(cx),
            "rollback" => self.doubt([], "a ROLLBACK takes back statements before it"),
            // Data, rights, storage, sessions.
            _ => {}
        }
    }

    fn create(&mut self, mut cx: Cursor<'_>, sql: &str) {
        let replace = cx.eat_all(&["or", "replace"]);
        cx.eat_any(&["global", "local"]);
        let temporary = cx.eat_any(&["temp", "temporary"]);
        let unlogged = cx.eat("unlogged");
        let unique = cx.eat("unique");
        cx.eat_any(&["constraint", "recursive", "trusted", "procedural", "foreign"]);
        let materialized = cx.eat("materialized");
        let Some(kind) = cx.next() else { return };
        match kind.text.to_ascii_lowercase().as_str() {
            "table" => self.create_table(cx, temporary, unlogged),
            "index" => self.create_index(cx, unique),
            "type" => self.create_type(cx),
            "domain" => self.create_domain(cx),
            "sequence" if !temporary => self.create_sequence(cx),
            "extension" => {
                cx.if_not_exists();
                self.catalog.extensions.extend(cx.ident());
            }
            "schema" => self.create_schema(cx),
            "view" if !temporary => self.create_view(cx, sql, materialized, replace),
            "function" | "procedure" => self.create_function(cx, sql),
            "trigger" => self.create_trigger(cx, sql),
            "policy" => self.create_policy(cx),
            _ => {}
        }
    }

    fn drop(&mut self, mut cx: Cursor<'_>) {
        cx.eat("foreign");
        cx.eat("materialized");
        let Some(kind) = cx.next() else { return };
        cx.eat("concurrently");
        let tolerant = cx.if_exists();
        let kind = kind.text.to_ascii_lowercase();
        if kind == "trigger" {
            return self.drop_trigger(cx, tolerant);
        }
        if kind == "policy" {
            return self.drop_policy(cx, tolerant);
        }
        let cascade = cx.has("cascade");
        if kind == "table" && !cascade {
            self.doubt_refused_drops(&cx);
        }
        for mut part in cx.parts() {
            match kind.as_str() {
                "table" => self.drop_table(part, tolerant, cascade),
                "view" => self.drop_view(part, tolerant, cascade),
                "index" => self.drop_index(part, tolerant, cascade),
                "type" | "domain" => self.drop_type(part, cascade),
                "sequence" => self.drop_sequence(part, tolerant, cascade),
                "extension" => {
                    if let Some(name) = part.ident() {
                        self.catalog.extensions.remove(&name);
                        if cascade {
                            self.doubt_users_of_extensions(&name);
                        }
                    }
                }
                "schema" => self.drop_schema(part, tolerant),
                "function" | "procedure" | "routine" | "aggregate" => self.drop_function(part, tolerant, cascade),
                "owned" => self.doubt([], "DROP OWNED drops what a role owns"),
                _ => {}
            }
        }
    }

    /// What an extension brought is not known; what may use it is.
    fn doubt_users_of_extensions(&mut self, extension: &str) {
        let catalog = &*self.catalog;
        let named = |base: &str| {
            catalog.enums.keys().any(|n| n.to_string() == base) || catalog.domains.keys().any(|n| n.to_string() == base)
        };
        let users: Vec<Name> = catalog
            .tables
            .values()
            .filter(|table| {
                table.columns.iter().any(|c| !c.ty.is_builtin() && !named(&c.ty.base))
                    || table.columns.iter().any(|c| c.default.as_ref().is_some_and(|d| d.sql.contains('(')))
                    || table
                        .indexes
                        .iter()
                        .any(|i| i.method.is_some() || i.parts.iter().any(|p| p.operator_class.is_some()))
            })
            .map(|table| table.name.clone())
            .collect();
        if !users.is_empty() {
            self.doubt(users, format!("DROP EXTENSION {extension} CASCADE drops what uses it"));
        }
    }

    fn alter(&mut self, mut cx: Cursor<'_>) {
        cx.eat("foreign");
        cx.eat("materialized");
        let Some(kind) = cx.next() else { return };
        match kind.text.to_ascii_lowercase().as_str() {
            "table" => self.alter_table(cx),
            "index" => self.alter_index(cx),
            "type" => self.alter_type(cx),
            "domain" => self.alter_domain(cx),
            "sequence" => self.alter_sequence(cx),
            "view" => self.alter_view(cx),
            "schema" => self.alter_schema(cx),
            "function" | "procedure" | "routine" => self.alter_function(cx),
            "trigger" => self.alter_trigger(cx),
            "policy" => self.alter_policy(cx),
            _ => {}
        }
    }

    /// Notes that the objects may differ from the catalog from here on; no object: any may.
    fn doubt(&mut self, touched: impl Into<Touched>, reason: impl Into<String>) {
        let at = Place::at_offset(self.file, self.text, self.offset);
        note_doubt(self.catalog, touched.into(), reason.into(), at);
    }

    /// A statement names an object that is not there.
    fn unknown(&mut self, verb: &str, kind: &str, name: &Name, tolerant: bool) {
        if !tolerant && !self.is_temporary(name) {
            self.doubt([name.clone()], format!("{verb} {kind} {name}, which no earlier revision creates"));
        }
    }

    /// A statement creates what is there already.
    fn exists(&mut self, kind: &str, name: &Name, tolerant: bool) {
        if !tolerant {
            self.doubt([name.clone()], format!("creates {kind} {name}, which an earlier revision creates already"));
        }
    }

    fn is_temporary(&self, name: &Name) -> bool {
        self.temporary.contains(name) || name.schema.as_deref() == Some("pg_temp")
    }
}
