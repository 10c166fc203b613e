//! Replay of MySQL statements: what each one does to the schema, as MariaDB 10.11 would do it,
//! names of keys without one and the indexes behind foreign keys included. Statements that only
//! touch data, rights or sessions do nothing here. What cannot be followed (dynamic SQL, procedures
//! that run DDL, tables that no revision creates) becomes an `Uncertain` with the objects that it
//! may touch. Foreign keys are followed as with `foreign_key_checks` off: whether a row or a key
//! stands in the way is the server's business.

mod alter;
mod column;
mod cursor;
mod key;
mod object;
mod opaque;
mod table;

#[cfg(feature = "mysql")]
#[cfg(test)]
mod mysql_tests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::cursor::Cursor;
pub(in crate::replay) use self::cursor::Mysql;
use super::text::Touched;
use super::{Unwatched, Watch, note_doubt, note_long};
use crate::catalog::{Catalog, Name, mysql as normal};
use crate::error::{Error, Result};
use crate::place::Place;
use crate::sql::{Statement, head, mysql};

/// Applies every statement of `sql` to the catalog.
///
/// # Errors
/// Where the text cannot be split into statements.
pub fn apply(catalog: &mut Catalog, sql: &str, file: &str) -> Result<()> {
    let statements = mysql::statements(sql).map_err(|wrong| error(sql, file, wrong))?;
    replay(catalog, sql, file, statements, &mut Unwatched);
    Ok(())
}

/// As [`super::follow`]; behind a quote that does not end nothing is followed.
pub(super) fn follow(catalog: &mut Catalog, sql: &str, file: &str, watch: &mut dyn Watch) -> Vec<Error> {
    let (statements, wrong) = mysql::read(sql);
    replay(catalog, sql, file, statements, watch);
    wrong.map(|wrong| error(sql, file, wrong)).into_iter().collect()
}

fn error(sql: &str, file: &str, (offset, message): (usize, String)) -> Error {
    Error::undecided(format!("the SQL does not parse: {message}")).at(Place::at_offset(file, sql, offset))
}

fn replay(catalog: &mut Catalog, sql: &str, file: &str, statements: Vec<Statement<'_>>, watch: &mut dyn Watch) {
    let mut replay = Replay {
        catalog,
        text: sql,
        file,
        offset: 0,
        temporary: BTreeSet::new(),
        variables: BTreeMap::new(),
        prepared: BTreeMap::new(),
    };
    for statement in statements {
        replay.offset = statement.offset;
        watch.before(replay.catalog, &statement);
        replay.statement(head(statement.text));
        note_long(replay.catalog, &statement, sql, file);
        watch.after(replay.catalog, &statement);
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
    /// User variables, as the expressions that they were set to.
    variables: BTreeMap<String, String>,
    /// Prepared statements, as the expressions that give their text.
    prepared: BTreeMap<String, String>,
}

impl Replay<'_> {
    fn statement(&mut self, sql: &str) {
        let mut cx = Cursor::new(sql);
        let Some(verb) = cx.next() else { return };
        match verb.text.to_ascii_lowercase().as_str() {
            "create" => self.create(cx, sql),
            "alter" => self.alter(cx, sql),
            "drop" => self.drop(cx),
            "rename" => self.rename(cx),
            "set" => self.set(cx),
            "prepare" => self.prepare(cx),
            "execute" => self.execute(cx),
            "call" => self.call(cx),
            "begin" | "if" | "while" | "loop" | "repeat" | "for" | "case" => self.block(sql),
            "use" => self.doubt([], "USE changes the database that names without one stand for"),
            "source" | "\\." => self.doubt([], "SOURCE runs another file"),
            // Data, rights, sessions.
            _ => {}
        }
    }

    fn create(&mut self, mut cx: Cursor<'_>, sql: &str) {
        let replace = cx.eat_all(&["or", "replace"]);
        // ALGORITHM, DEFINER and SQL SECURITY of views and routines.
        while !cx.is_done() && !CREATED.iter().any(|kind| cx.is(kind)) {
            cx.skip_one();
        }
        let temporary = cx.eat("temporary");
        let unique = cx.eat("unique");
        let special = cx.next_of(&["fulltext", "spatial"]);
        cx.eat_any(&["online", "offline", "aggregate"]);
        let Some(kind) = cx.next() else { return };
        match kind.text.to_ascii_lowercase().as_str() {
            "table" => self.create_table(cx, temporary, replace),
            "index" => self.create_index(cx, unique, special, replace),
            "view" => self.create_view(cx, sql, replace),
            "trigger" => self.create_trigger(cx, sql, replace),
            "procedure" | "function" => self.create_routine(cx, sql, replace),
            "sequence" if !temporary => self.create_sequence(cx, replace),
            _ => {}
        }
    }

    fn drop(&mut self, mut cx: Cursor<'_>) {
        cx.eat("temporary");
        cx.eat_any(&["online", "offline"]);
        let Some(kind) = cx.next() else { return };
        let tolerant = cx.if_exists();
        match kind.text.to_ascii_lowercase().as_str() {
            "table" | "tables" => cx.parts().into_iter().for_each(|part| self.drop_table(part, tolerant)),
            "view" => cx.parts().into_iter().for_each(|part| self.drop_view(part, tolerant)),
            "index" => self.drop_index(cx, tolerant),
            "trigger" => self.drop_trigger(cx, tolerant),
            "procedure" | "function" => self.drop_routine(cx, tolerant),
            "sequence" => cx.parts().into_iter().for_each(|part| self.drop_sequence(part, tolerant)),
            "database" | "schema" => self.doubt([], "DROP DATABASE drops what is in it"),
            "prepare" => {
                self.prepared.remove(&cx.ident().unwrap_or_default());
            }
            _ => {}
        }
    }

    fn alter(&mut self, mut cx: Cursor<'_>, sql: &str) {
        cx.eat_any(&["online", "offline"]);
        cx.eat("ignore");
        if cx.eat("table") {
            return self.alter_table(cx);
        }
        while !cx.is_done() && !CREATED.iter().any(|kind| cx.is(kind)) {
            cx.skip_one();
        }
        if cx.eat("view") {
            self.create_view(cx, &sql.replacen("ALTER", "CREATE", 1).replacen("alter", "create", 1), true);
        } else if cx.eat("sequence")
            && let Some(name) = cx.name()
        {
            self.doubt([name.clone()], format!("sequence {name} is altered"));
        }
    }

    /// RENAME TABLE, whose pairs are done one after the other.
    fn rename(&mut self, mut cx: Cursor<'_>) {
        if !cx.eat_any(&["table", "tables"]) {
            return;
        }
        let tolerant = cx.if_exists();
        for mut part in cx.parts() {
            let Some(from) = part.name() else { continue };
            part.eat_any(&["nowait"]);
            if part.eat("wait") {
                part.next();
            }
            if let (true, Some(to)) = (part.eat("to"), part.name()) {
                self.rename_table(&from, &to, tolerant);
            }
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

    /// A part of a table that a statement changes is not there.
    fn unknown_part(&mut self, table: &Name, reason: String, tolerant: bool) {
        if !tolerant && self.catalog.doubt(table).is_none() {
            self.doubt([table.clone()], reason);
        }
    }

    fn is_temporary(&self, name: &Name) -> bool {
        self.temporary.iter().any(|table| table.same(name, self.catalog.dialect))
    }

    /// The table once a statement is done with it.
    fn settle(&mut self, name: &Name) {
        if let Some(table) = self.catalog.table_mut(name) {
            normal::settle(table);
        }
    }
}

/// What CREATE and ALTER may be about.
const CREATED: [&str; 15] = [
    "table",
    "temporary",
    "unique",
    "fulltext",
    "spatial",
    "online",
    "offline",
    "aggregate",
    "index",
    "view",
    "trigger",
    "procedure",
    "function",
    "sequence",
    "event",
];
