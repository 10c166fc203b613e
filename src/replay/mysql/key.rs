//! Keys: how they are written, the names that the server gives to those without one, and the index
//! that it makes for a foreign key (`mysql_prepare_create_table` in MariaDB's `sql_table.cc`).

use super::Replay;
use super::cursor::Cursor;
use crate::catalog::{
    Action, Check, Expr, ForeignKey, Index, IndexKey, IndexPart, Name, PrimaryKey, Table, Unique, mysql as normal,
};
use crate::dialect::Dialect;
use crate::sql::mysql;

const DIALECT: Dialect = Dialect::Mysql;

/// A key as a statement asks for it.
pub(super) struct NewKey {
    kind: KeyKind,
    name: Option<String>,
    parts: Vec<IndexPart>,
    tolerant: bool,
    /// Made for a foreign key.
    implied: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Primary,
    Unique,
    Plain,
    Fulltext,
    Spatial,
}

/// A foreign key as a statement asks for it.
pub(super) struct NewForeignKey {
    key: ForeignKey,
    /// The name for its index, where no constraint name is given.
    index: Option<String>,
}

/// A key, foreign key or check of a table.
pub(super) enum Constraint {
    Key(NewKey),
    ForeignKey(NewForeignKey),
    Check { name: Option<String>, expr: Expr, tolerant: bool },
}

impl NewKey {
    pub(super) fn primary(columns: Vec<String>) -> Self {
        Self::of_columns(KeyKind::Primary, columns)
    }

    pub(super) fn unique(columns: Vec<String>) -> Self {
        Self::of_columns(KeyKind::Unique, columns)
    }

    fn of_columns(kind: KeyKind, columns: Vec<String>) -> Self {
        let parts = columns.into_iter().map(IndexPart::column).collect();
        Self { kind, name: None, parts, tolerant: false, implied: false }
    }

    /// From CREATE INDEX.
    pub(super) fn index(unique: bool, special: Option<&str>, name: Option<String>, cx: &mut Cursor<'_>) -> Self {
        let kind = match special {
            Some("fulltext") => KeyKind::Fulltext,
            Some(_) => KeyKind::Spatial,
            None if unique => KeyKind::Unique,
            None => KeyKind::Plain,
        };
        Self { kind, name, parts: parts(cx), tolerant: false, implied: false }
    }

    fn columns(&self) -> Vec<String> {
        let name = |part: &IndexPart| match &part.key {
            IndexKey::Column(name) => Some(name.clone()),
            IndexKey::Expr(_) => None,
        };
        self.parts.iter().filter_map(name).collect()
    }

    /// Whether it makes an index for the foreign key superfluous.
    fn serves(&self, columns: &[String]) -> bool {
        let own = self.columns();
        matches!(self.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain)
            && own.len() >= columns.len()
            && self.parts.iter().take(columns.len()).all(|part| part.prefix.is_none())
            && columns.iter().zip(&own).all(|(a, b)| DIALECT.same_name(a, b))
    }
}

/// Whether a part of CREATE TABLE is a key or constraint rather than a column.
pub(super) fn is_constraint(cx: &Cursor<'_>) -> bool {
    let key_like = |cx: &Cursor<'_>| {
        // A column may be called `key` in backticks only; `index` and `key` are reserved.
        cx.are(&["primary", "key"]) || cx.are(&["foreign", "key"]) || cx.is("unique") || cx.is("key") || cx.is("index")
    };
    cx.is("constraint") || key_like(cx) || cx.are(&["check", "("]) || is_special(cx)
}

fn is_special(cx: &Cursor<'_>) -> bool {
    cx.is("fulltext") || cx.is("spatial")
}

impl Constraint {
    /// `[CONSTRAINT [name]] …`, as CREATE TABLE and ADD have it.
    pub(super) fn read(cx: &mut Cursor<'_>) -> Option<Self> {
        let mut name = None;
        let mut tolerant = false;
        if cx.eat("constraint") {
            tolerant = cx.if_not_exists();
            let kind = ["primary", "unique", "foreign", "check"];
            name = if kind.iter().any(|word| cx.is(word)) { None } else { cx.ident() };
        }
        if cx.eat("check") {
            let expr = cx.group().map(|mut group| Expr::new(mysql::expression(group.rest())))?;
            return Some(Self::Check { name, expr, tolerant });
        }
        if cx.eat_all(&["foreign", "key"]) {
            cx.if_not_exists();
            let index = if cx.is("(") { None } else { cx.ident() };
            let columns = cx.names_in_group();
            cx.eat("references");
            return NewForeignKey::references(name, columns, cx)
                .map(|key| Self::ForeignKey(NewForeignKey { index, ..key }));
        }
        let kind = match () {
            () if cx.eat_all(&["primary", "key"]) => KeyKind::Primary,
            () if cx.eat("unique") => KeyKind::Unique,
            () if cx.eat("fulltext") => KeyKind::Fulltext,
            () if cx.eat("spatial") => KeyKind::Spatial,
            () => KeyKind::Plain,
        };
        cx.eat_any(&["key", "index"]);
        tolerant |= cx.if_not_exists();
        // USING is a reserved word, so it is no name.
        let own = if cx.is("(") || cx.is("using") { None } else { cx.ident() };
        let parts = parts(cx);
        Some(Self::Key(NewKey { kind, name: own.or(name), parts, tolerant, implied: false }))
    }
}

impl NewForeignKey {
    /// From behind REFERENCES.
    pub(super) fn references(name: Option<String>, columns: Vec<String>, cx: &mut Cursor<'_>) -> Option<Self> {
        let mut key = ForeignKey { name, ..ForeignKey::new(columns, cx.name()?, cx.names_in_group()) };
        loop {
            if cx.eat("match") {
                cx.next();
            } else if cx.eat_all(&["on", "delete"]) {
                key.on_delete = action(cx);
            } else if cx.eat_all(&["on", "update"]) {
                key.on_update = action(cx);
            } else {
                return Some(Self { key, index: None });
            }
        }
    }
}

fn action(cx: &mut Cursor<'_>) -> Action {
    if cx.eat("cascade") {
        Action::Cascade
    } else if cx.eat_all(&["set", "null"]) {
        Action::SetNull
    } else if cx.eat_all(&["set", "default"]) {
        Action::SetDefault
    } else {
        cx.eat_all(&["no", "action"]);
        cx.eat("restrict");
        Action::NoAction
    }
}

/// `[USING BTREE] (a, b(10) DESC) …`
fn parts(cx: &mut Cursor<'_>) -> Vec<IndexPart> {
    if cx.eat_any(&["using", "type"]) {
        cx.next();
    }
    let Some(group) = cx.group() else { return Vec::new() };
    group.parts().into_iter().map(part).collect()
}

fn part(mut cx: Cursor<'_>) -> IndexPart {
    let mut part = if cx.is("(") {
        let expr = cx.group().map(|mut group| mysql::expression(group.rest())).unwrap_or_default();
        IndexPart { key: IndexKey::Expr(Expr::new(expr)), ..IndexPart::column("") }
    } else {
        IndexPart::column(cx.ident().unwrap_or_default())
    };
    part.prefix = cx.group().and_then(|mut group| group.integer()).and_then(|n| u32::try_from(n).ok());
    part.descending = cx.eat("desc");
    part
}

impl Replay<'_> {
    /// Adds keys, foreign keys and checks as one statement does it. `number` is the highest in the
    /// names of the foreign keys before it.
    pub(super) fn add_constraints(&mut self, name: &Name, constraints: Vec<Constraint>, mut number: usize) {
        let Some(before) = self.catalog.table(name).cloned() else { return };
        let (mut keys, mut foreign_keys, mut checks) = (Vec::new(), Vec::new(), Vec::new());
        for constraint in constraints {
            match constraint {
                Constraint::Key(key) => keys.push(key),
                Constraint::ForeignKey(mut new) => {
                    // The index takes the constraint's name; the constraint, that of the index.
                    let given = new.key.name.clone().or(new.index);
                    keys.push(NewKey {
                        name: given.clone(),
                        implied: true,
                        ..NewKey::of_columns(KeyKind::Plain, new.key.columns.clone())
                    });
                    new.key.name = Some(given.unwrap_or_else(|| {
                        number += 1;
                        normal::foreign_key_name(&before, number)
                    }));
                    foreign_keys.push(new.key);
                }
                Constraint::Check { name, expr, tolerant } => checks.push((name, expr, tolerant)),
            }
        }
        self.drop_superseded(name, &keys);
        for at in needed(&before, &keys) {
            self.add_key(name, &keys[at]);
        }
        for key in foreign_keys {
            self.add_foreign_key(name, key);
        }
        for (check, expr, tolerant) in checks {
            self.add_check(name, check, expr, tolerant);
        }
    }

    /// Indexes that were made for a foreign key go where a new key serves it.
    fn drop_superseded(&mut self, name: &Name, keys: &[NewKey]) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let implied = std::mem::take(&mut table.implied_indexes);
        let (gone, kept): (Vec<String>, Vec<String>) = implied.into_iter().partition(|name| {
            let index = table.indexes.iter().find(|index| DIALECT.same_name(&index.name, name));
            let columns: Vec<String> = index.map(|i| i.columns().map(str::to_owned).collect()).unwrap_or_default();
            !columns.is_empty() && keys.iter().any(|key| key.serves(&columns))
        });
        table.indexes.retain(|index| !gone.contains(&index.name));
        table.implied_indexes = kept.into_iter().collect();
    }

    fn add_key(&mut self, name: &Name, new: &NewKey) {
        if new.kind == KeyKind::Primary {
            return self.add_primary_key(name, new.columns());
        }
        let Some(table) = self.catalog.table_mut(name) else { return };
        let first = match new.parts.first().map(|part| &part.key) {
            Some(IndexKey::Column(column)) => column.clone(),
            _ => "expr".to_owned(),
        };
        let key_name = new.name.clone().unwrap_or_else(|| normal::free_index_name(table, &first));
        if has_key(table, &key_name) {
            let reason = format!("creates index {key_name} of {name}, which an earlier revision creates already");
            return self.unknown_part(name, reason, new.tolerant);
        }
        if new.kind == KeyKind::Unique {
            let index = Index { unique: true, parts: new.parts.clone(), ..Index::new(key_name, Vec::<String>::new()) };
            table.indexes.push(index);
            return normal::settle(table);
        }
        let method = match new.kind {
            KeyKind::Fulltext => Some("fulltext".to_owned()),
            KeyKind::Spatial => Some("spatial".to_owned()),
            _ => None,
        };
        if new.implied {
            table.implied_indexes.insert(key_name.clone());
        }
        table.indexes.push(Index { method, parts: new.parts.clone(), ..Index::new(key_name, Vec::<String>::new()) });
    }

    fn add_primary_key(&mut self, name: &Name, columns: Vec<String>) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        for column in &columns {
            if let Some(column) = table.column_mut(column, DIALECT) {
                column.nullable = false;
            }
        }
        table.primary_key = Some(PrimaryKey { name: None, columns });
    }

    fn add_foreign_key(&mut self, name: &Name, key: ForeignKey) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let known = |other: &ForeignKey| match (&other.name, &key.name) {
            (Some(a), Some(b)) => DIALECT.same_name(a, b),
            _ => false,
        };
        if table.foreign_keys.iter().any(known) {
            let called = key.name.unwrap_or_default();
            let reason = format!("creates foreign key {called} of {name}, which an earlier revision creates already");
            return self.unknown_part(name, reason, false);
        }
        table.foreign_keys.push(key);
    }

    fn add_check(&mut self, name: &Name, check: Option<String>, expr: Expr, tolerant: bool) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let is = |known: &Option<String>, new: &str| known.as_ref().is_some_and(|known| DIALECT.same_name(known, new));
        match check {
            Some(check) if table.checks.iter().any(|known| is(&known.name, &check)) => {
                let reason = format!("creates check {check} of {name}, which an earlier revision creates already");
                self.unknown_part(name, reason, tolerant);
            }
            check => {
                let check = check.unwrap_or_else(|| normal::free_check_name(table));
                table.checks.push(Check { name: Some(check), expr, valid: true });
            }
        }
    }

    pub(super) fn create_index(&mut self, mut cx: Cursor<'_>, unique: bool, special: Option<String>, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.ident() else { return };
        if cx.eat("using") {
            cx.next();
        }
        cx.eat("on");
        let Some(table) = cx.name() else { return };
        if self.is_temporary(&table) {
            return;
        }
        if self.catalog.table(&table).is_none() {
            return self.unknown("indexes", "table", &table, false);
        }
        if replace {
            self.drop_key(&table, &name, true);
        }
        let key = NewKey { tolerant, ..NewKey::index(unique, special.as_deref(), Some(name), &mut cx) };
        self.add_constraints(&table, vec![Constraint::Key(key)], 0);
    }

    pub(super) fn drop_index(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.ident() else { return };
        cx.eat("on");
        let Some(table) = cx.name() else { return };
        if self.is_temporary(&table) {
            return;
        }
        if self.catalog.table(&table).is_none() {
            return self.unknown("drops an index of", "table", &table, tolerant);
        }
        self.drop_key(&table, &name, tolerant);
    }

    /// Drops an index or a unique key, or the primary key by its name.
    pub(super) fn drop_key(&mut self, name: &Name, key: &str, tolerant: bool) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        if key.eq_ignore_ascii_case("primary") && table.primary_key.take().is_some() {
            return;
        }
        if !has_key(table, key) {
            let reason = format!("drops index {key} of {name}, which no earlier revision creates");
            return self.unknown_part(name, reason, tolerant);
        }
        table.indexes.retain(|index| !DIALECT.same_name(&index.name, key));
        table.uniques.retain(|unique| !is_called(unique, key));
        table.implied_indexes.remove(key);
    }

    pub(super) fn rename_key(&mut self, name: &Name, from: &str, to: &str) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        if !has_key(table, from) {
            let reason = format!("renames index {from} of {name}, which no earlier revision creates");
            return self.unknown_part(name, reason, false);
        }
        table.indexes.iter_mut().filter(|i| DIALECT.same_name(&i.name, from)).for_each(|i| i.name = to.to_owned());
        table.uniques.iter_mut().filter(|u| is_called(u, from)).for_each(|u| u.name = Some(to.to_owned()));
        if table.implied_indexes.remove(from) {
            table.implied_indexes.insert(to.to_owned());
        }
    }

    /// Drops a check, a foreign key or a unique key, whichever has the name.
    pub(super) fn drop_constraint(&mut self, name: &Name, constraint: &str, tolerant: bool) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let is = |known: &Option<String>| known.as_ref().is_some_and(|known| DIALECT.same_name(known, constraint));
        if table.checks.iter().any(|check| is(&check.name)) {
            table.checks.retain(|check| !is(&check.name));
        } else if table.foreign_keys.iter().any(|key| is(&key.name)) {
            table.foreign_keys.retain(|key| !is(&key.name));
        } else if has_key(table, constraint) || constraint.eq_ignore_ascii_case("primary") {
            self.drop_key(name, constraint, tolerant);
        } else {
            let reason = format!("drops constraint {constraint} of {name}, which no earlier revision creates");
            self.unknown_part(name, reason, tolerant);
        }
    }

    pub(super) fn drop_foreign_key(&mut self, name: &Name, key: &str, tolerant: bool) {
        let Some(table) = self.catalog.table_mut(name) else { return };
        let is = |known: &ForeignKey| known.name.as_ref().is_some_and(|known| DIALECT.same_name(known, key));
        if !table.foreign_keys.iter().any(is) {
            let reason = format!("drops foreign key {key} of {name}, which no earlier revision creates");
            return self.unknown_part(name, reason, tolerant);
        }
        table.foreign_keys.retain(|known| !is(known));
    }
}

/// Which of the keys are made: an index for a foreign key only where no other key serves it, and of
/// two such indexes the longer, or the later.
fn needed(table: &Table, keys: &[NewKey]) -> Vec<usize> {
    let superfluous = |at: usize| {
        let key = &keys[at];
        let columns = key.columns();
        let by_new = |other: usize| {
            let longer = keys[other].columns().len() > columns.len();
            let wins = !keys[other].implied || longer || other > at;
            other != at && wins && keys[other].serves(&columns)
        };
        key.implied && (normal::serves(table, &columns) && !superseded(table, &columns) || (0..keys.len()).any(by_new))
    };
    (0..keys.len()).filter(|at| !superfluous(*at)).collect()
}

/// Whether what serves the columns is itself only there for a foreign key of the same columns: the
/// later one takes its place.
fn superseded(table: &Table, columns: &[String]) -> bool {
    let mut other = table.clone();
    other.indexes.retain(|index| {
        let same = index.parts.len() == columns.len();
        !(same && table.implied_indexes.contains(&index.name))
    });
    !normal::serves(&other, columns)
}

fn has_key(table: &Table, name: &str) -> bool {
    table.indexes.iter().any(|index| DIALECT.same_name(&index.name, name))
        || table.uniques.iter().any(|unique| is_called(unique, name))
}

fn is_called(unique: &Unique, name: &str) -> bool {
    unique.name.as_ref().is_some_and(|known| DIALECT.same_name(known, name))
}
