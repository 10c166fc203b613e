//! A schema as a value: what the database has after a revision, what the models ask for, what an
//! introspection found. It is ordered and comparable, and knows neither Rust sources nor SQL
//! statements; texts inside it (expressions, bodies) are carried, not understood.

mod comment;
mod expr;
mod interval;
pub mod mysql;
mod name;
mod normal;
mod rename;
mod said;
mod shared;
mod sql_type;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::comment::{Comment, Commented};
pub use self::expr::{Expr, rename_call, rename_identifier};
pub use self::name::Name;
pub(crate) use self::said::PARTITION;
pub use self::said::Said;
pub use self::shared::Shared;
pub use self::sql_type::SqlType;
use crate::dialect::Dialect;
use crate::place::Place;

/// A whole schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalog {
    pub dialect: Dialect,
    /// Schemas other than the default one (`public`, `main`).
    pub schemas: BTreeSet<String>,
    pub extensions: BTreeSet<String>,
    pub enums: BTreeMap<Name, EnumType>,
    pub domains: BTreeMap<Name, Domain>,
    pub sequences: BTreeMap<Name, Sequence>,
    pub tables: BTreeMap<Name, Shared<Table>>,
    pub views: BTreeMap<Name, View>,
    /// Functions and procedures, by name and argument types as written: `f(integer, text)`.
    pub functions: BTreeMap<Name, Function>,
    /// PostgreSQL: comments on what carries none by itself, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// What the replay could not follow; empty after an introspection.
    pub uncertain: Vec<Uncertain>,
    /// Names that may be taken.
    #[serde(skip)]
    pub said: Said,
}

/// Something that a replay could not follow, and what it may have touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Uncertain {
    /// The objects that may differ from the catalog; empty: any may.
    pub objects: BTreeSet<Name>,
    /// Where any may: the words of the text that was not followed, in lower case. What it names
    /// nowhere it is not about. Empty: nothing is known of it.
    pub words: BTreeSet<String>,
    /// Why, in words: "a DO block runs dynamic SQL".
    pub reason: String,
    pub at: Place,
}

impl Uncertain {
    fn is_about(&self, name: &Name, dialect: Dialect) -> bool {
        self.objects.is_empty() || self.objects.iter().any(|object| object.same(name, dialect))
    }

    /// Whether the text may be about something of this name: it has the name, or a beginning or an end
    /// of names that it puts together.
    fn names(&self, item: &str) -> bool {
        let item = item.to_lowercase();
        let is_part = |word: &String| {
            (word.ends_with('_') && item.starts_with(word)) || (word.starts_with('_') && item.ends_with(word))
        };
        self.words.is_empty() || self.words.contains(&item) || self.words.iter().any(is_part)
    }
}

/// An enum type (PostgreSQL's `CREATE TYPE … AS ENUM`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnumType {
    pub name: Name,
    /// In the order that the database sorts them.
    pub values: Vec<String>,
    pub comment: Option<String>,
}

/// A domain: a base type with constraints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub name: Name,
    pub base: SqlType,
    pub not_null: bool,
    pub default: Option<Expr>,
    pub checks: Vec<Check>,
}

/// A sequence that stands by itself or is owned by a column (`serial`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: Name,
    /// The options as written after the name (`START 500`), white space folded.
    pub options: String,
    pub owned_by: Option<(Name, String)>,
}

/// What an expression of a table may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// No column: a default.
    Nothing,
    /// The columns of its row.
    Row,
    /// Other tables, too, in subqueries: a policy.
    Queries,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: Name,
    /// In the table's own order; the order never counts as a difference.
    pub columns: Vec<Shared<Column>>,
    pub primary_key: Option<PrimaryKey>,
    pub uniques: Vec<Unique>,
    pub foreign_keys: Vec<ForeignKey>,
    pub checks: Vec<Check>,
    /// Exclusion constraints, as written.
    pub excludes: Vec<Exclude>,
    /// Without those that back a primary key or a unique constraint.
    pub indexes: Vec<Index>,
    pub triggers: Vec<Trigger>,
    /// PostgreSQL: row security policies.
    #[serde(default)]
    pub policies: Vec<Policy>,
    pub options: TableOptions,
    pub comment: Option<String>,
    /// MySQL: names of those indexes that the engine made for a foreign key by itself, and takes
    /// away by itself where another index serves it. No database tells them from other indexes, so
    /// an introspection leaves this empty, and nothing compares it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub implied_indexes: BTreeSet<String>,
}

/// What a table is beside its columns.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableOptions {
    /// SQLite: `STRICT`.
    pub strict: bool,
    /// SQLite: `WITHOUT ROWID`.
    pub without_rowid: bool,
    /// SQLite: the module and arguments of a virtual table, as written.
    pub virtual_module: Option<String>,
    /// PostgreSQL: `UNLOGGED`.
    pub unlogged: bool,
    /// PostgreSQL: `ENABLE ROW LEVEL SECURITY`, and `FORCE` of it.
    #[serde(default)]
    pub row_security: bool,
    #[serde(default)]
    pub forced_row_security: bool,
    /// PostgreSQL: `PARTITION BY …` as written.
    pub partition_by: Option<String>,
    /// PostgreSQL: the table that this one is a partition of.
    pub partition_of: Option<Name>,
    /// PostgreSQL: which rows of that table are in it: `FOR VALUES …` or `DEFAULT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_bounds: Option<Expr>,
    /// MySQL: the storage engine, in the letters that the server shows (`InnoDB`); `None` for the
    /// server's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
    /// MySQL: the default character set of the columns; `None` for that of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// MySQL: the default collation of the columns; `None` for that of the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub ty: SqlType,
    /// False for primary key columns, except where SQLite really lets them be NULL: a plain
    /// primary key that is not `INTEGER PRIMARY KEY` (sqlite.org/quirks.html section 5).
    pub nullable: bool,
    pub default: Option<Expr>,
    pub auto: Option<AutoValue>,
    pub generated: Option<Generated>,
    pub collation: Option<String>,
    pub comment: Option<String>,
    /// MySQL: the character set, where it is not the table's; `collation` is set then, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// MySQL: `ON UPDATE`, as `current_timestamp()`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_update: Option<Expr>,
    /// MariaDB: the check that stands at the column; it has no name of its own and goes when the
    /// column is defined anew without it. Every other check is the table's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Expr>,
}

/// Where a column's value comes from when none is given, other than a default expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AutoValue {
    /// PostgreSQL `serial` and its sizes: an integer whose default is `nextval` of a sequence that
    /// it owns; the default itself is not in `Column::default`.
    Serial { sequence: Name },
    /// PostgreSQL `GENERATED … AS IDENTITY`.
    Identity { always: bool, options: String },
    /// SQLite `AUTOINCREMENT`, MySQL `AUTO_INCREMENT`.
    Increment,
}

/// A generated column's expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    pub expr: Expr,
    pub stored: bool,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    /// None where the engine keeps no name or gives a default one that was not spelled out
    /// (`<table>_pkey`); a replay fills in PostgreSQL's default name.
    pub name: Option<String>,
    pub columns: Vec<String>,
}

/// A unique constraint (not a unique index: that is an [`Index`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub nulls_not_distinct: bool,
    pub deferrable: Deferrable,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub references: Name,
    /// Empty: the referenced table's primary key.
    pub ref_columns: Vec<String>,
    pub on_delete: Action,
    pub on_update: Action,
    pub deferrable: Deferrable,
    /// PostgreSQL: false for `NOT VALID`.
    pub valid: bool,
}

impl ForeignKey {
    /// One without a name, with the actions and the timing that hold where none are written.
    pub fn new(columns: Vec<String>, references: Name, ref_columns: Vec<String>) -> Self {
        Self {
            name: None,
            columns,
            references,
            ref_columns,
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferrable: Deferrable::No,
            valid: true,
        }
    }
}

/// What a foreign key does when the referenced row goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Action {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    /// As SQL spells it.
    pub fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Deferrable {
    #[default]
    No,
    InitiallyImmediate,
    InitiallyDeferred,
}

impl Deferrable {
    /// As SQL spells it, with a leading space; empty for `No`.
    pub fn sql(self) -> &'static str {
        match self {
            Self::No => "",
            Self::InitiallyImmediate => " DEFERRABLE INITIALLY IMMEDIATE",
            Self::InitiallyDeferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }
}

/// A check constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub name: Option<String>,
    pub expr: Expr,
    /// PostgreSQL: false for `NOT VALID`.
    pub valid: bool,
}

/// An exclusion constraint, text after `EXCLUDE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclude {
    pub name: Option<String>,
    pub text: Expr,
}

impl Exclude {
    /// What is excluded, and of which rows: the server sets each of its expressions in its own way.
    pub fn halves(&self) -> (Expr, Option<Expr>) {
        let at = self.text.sql.to_ascii_lowercase().find(" where ");
        let (head, tail) = self.text.sql.split_at(at.unwrap_or(self.text.sql.len()));
        (Expr::new(head), tail.get(" where ".len()..).map(Expr::new))
    }
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub name: String,
    pub unique: bool,
    /// PostgreSQL: access method other than `btree`. MySQL: `fulltext` or `spatial`.
    pub method: Option<String>,
    pub parts: Vec<IndexPart>,
    pub include: Vec<String>,
    pub predicate: Option<Expr>,
    pub nulls_not_distinct: bool,
    /// `WITH (…)` as written.
    pub with: Option<String>,
    /// PostgreSQL: what an interrupted `CREATE INDEX CONCURRENTLY` left: no query uses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invalid: bool,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    pub key: IndexKey,
    pub descending: bool,
    /// `Some(true)` for NULLS FIRST where that is not the default of the direction.
    pub nulls_first: Option<bool>,
    pub collation: Option<String>,
    pub operator_class: Option<String>,
    /// MySQL: how many characters (of binary columns: bytes) of the column are indexed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
}

/// What an index key is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexKey {
    Column(String),
    Expr(Expr),
}

/// A trigger, with its whole `CREATE TRIGGER` statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub name: String,
    /// The statement without the final semicolon.
    pub sql: String,
    /// PostgreSQL: the function that it calls.
    pub function: Option<Name>,
}

/// A row security policy (PostgreSQL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    /// False for `AS RESTRICTIVE`.
    pub permissive: bool,
    /// `ALL`, `SELECT`, `INSERT`, `UPDATE` or `DELETE`.
    pub command: String,
    /// Sorted; `public` is everybody.
    pub roles: Vec<String>,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

/// A view or materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: Name,
    pub materialized: bool,
    /// The whole `CREATE VIEW` statement without the final semicolon.
    pub sql: String,
    /// Tables and views that its query names.
    pub depends_on: BTreeSet<Name>,
    /// Indexes of a materialized view.
    pub indexes: Vec<Index>,
    pub comment: Option<String>,
}

/// A function or procedure, with its whole statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// With argument types: `f(integer)`.
    pub name: Name,
    pub sql: String,
}

impl Catalog {
    /// A schema with nothing in it.
    pub fn empty(dialect: Dialect) -> Self {
        Self {
            dialect,
            schemas: BTreeSet::new(),
            extensions: BTreeSet::new(),
            enums: BTreeMap::new(),
            domains: BTreeMap::new(),
            sequences: BTreeMap::new(),
            tables: BTreeMap::new(),
            views: BTreeMap::new(),
            functions: BTreeMap::new(),
            comments: Vec::new(),
            uncertain: Vec::new(),
            said: Said::default(),
        }
    }

    /// The table of that name, by the dialect's rules for letter case.
    pub fn table(&self, name: &Name) -> Option<&Table> {
        match self.tables.get(name) {
            Some(table) => Some(table),
            None => self.table_key(name).and_then(|key| self.tables.get(&key)).map(|table| &**table),
        }
    }

    /// The table of that name, shared.
    pub fn shared_table(&self, name: &Name) -> Option<Shared<Table>> {
        let spelt_so = self.tables.get(name);
        spelt_so.or_else(|| self.table_key(name).and_then(|key| self.tables.get(&key))).cloned()
    }

    /// The table of that name, to change it.
    pub fn table_mut(&mut self, name: &Name) -> Option<&mut Table> {
        let key = if self.tables.contains_key(name) { Cow::Borrowed(name) } else { Cow::Owned(self.table_key(name)?) };
        self.tables.get_mut(&*key).map(|table| &mut **table)
    }

    /// The tables of which something holds, to change them; the others stay shared with the catalog's copies.
    pub fn tables_mut(&mut self, holds: impl Fn(&Table) -> bool) -> impl Iterator<Item = &mut Table> {
        self.tables.values_mut().filter(move |table| holds(table)).map(|table| &mut **table)
    }

    /// The tables with a foreign key that references `table`, to change them.
    pub fn referencing_mut(&mut self, table: &Name) -> impl Iterator<Item = &mut Table> {
        let dialect = self.dialect;
        self.tables_mut(move |other| other.foreign_keys.iter().any(|key| key.references.same(table, dialect)))
    }

    /// The name under which a table is kept.
    pub fn table_key(&self, name: &Name) -> Option<Name> {
        self.find_key(&self.tables, name)
    }

    /// The view of that name, by the dialect's rules for letter case.
    pub fn view(&self, name: &Name) -> Option<&View> {
        self.find_key(&self.views, name).and_then(|key| self.views.get(&key))
    }

    /// The name under which an object is kept in one of the catalog's maps.
    pub fn find_key<T>(&self, map: &BTreeMap<Name, T>, name: &Name) -> Option<Name> {
        if map.contains_key(name) {
            return Some(name.clone());
        }
        if self.dialect == Dialect::Postgres {
            return None;
        }
        map.keys().find(|key| key.same(name, self.dialect)).cloned()
    }

    /// The views, each behind those that it uses.
    pub fn views_in_order(&self) -> Vec<&View> {
        let mut left: Vec<&View> = self.views.values().collect();
        let mut order = Vec::new();
        while !left.is_empty() {
            let waits =
                |view: &View| left.iter().any(|other| other.name != view.name && view.depends_on.contains(&other.name));
            let free = left.iter().position(|view| !waits(view)).unwrap_or(0);
            order.push(left.remove(free));
        }
        order
    }

    /// Why the catalog is not sure about an object; `None` where it is.
    pub fn doubt(&self, name: &Name) -> Option<&Uncertain> {
        self.uncertain.iter().find(|doubt| doubt.is_about(name, self.dialect))
    }

    /// Why the catalog is not sure about something of an object, a column or the object itself, that has
    /// this name; `None` where it is.
    pub fn doubt_about(&self, object: &Name, item: &str) -> Option<&Uncertain> {
        let mut doubts = self.uncertain.iter().filter(|doubt| doubt.is_about(object, self.dialect));
        doubts.find(|doubt| !doubt.objects.is_empty() || doubt.names(item))
    }

    /// The tables, each before its partitions.
    pub fn whole_before_parts(&self) -> Vec<&Table> {
        let mut tables: Vec<&Table> = self.tables.values().map(|table| &**table).collect();
        tables.sort_by_key(|table| self.partition_depth(&table.name));
        tables
    }

    /// How many tables a table is a partition of, one of the other.
    pub fn partition_depth(&self, table: &Name) -> usize {
        let parent = |name: &Name| self.table(name).and_then(|table| table.options.partition_of.clone());
        std::iter::successors(parent(table), parent).count()
    }

    /// The partitions of a table, without theirs.
    pub fn partitions(&self, table: &Name) -> Vec<Name> {
        let is_part = |t: &&Shared<Table>| t.options.partition_of.as_ref() == Some(table);
        self.tables.values().filter(is_part).map(|t| t.name.clone()).collect()
    }

    /// Foreign keys of other tables (and of the table itself) that reference `table`.
    pub fn referencing<'a>(&'a self, table: &'a Name) -> impl Iterator<Item = (&'a Table, &'a ForeignKey)> + 'a {
        self.tables
            .values()
            .flat_map(|t| t.foreign_keys.iter().map(move |key| (&**t, key)))
            .filter(move |(_, key)| key.references.same(table, self.dialect))
    }
}

impl Table {
    /// A table without columns.
    pub fn new(name: Name) -> Self {
        Self {
            name,
            columns: Vec::new(),
            primary_key: None,
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            excludes: Vec::new(),
            indexes: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            options: TableOptions::default(),
            comment: None,
            implied_indexes: BTreeSet::new(),
        }
    }

    /// The column of that name, by the dialect's rules for letter case.
    pub fn column(&self, name: &str, dialect: Dialect) -> Option<&Column> {
        self.columns.iter().find(|c| dialect.same_name(&c.name, name)).map(|column| &**column)
    }

    /// The column of that name, to change it.
    pub fn column_mut(&mut self, name: &str, dialect: Dialect) -> Option<&mut Column> {
        self.columns.iter_mut().find(|c| dialect.same_name(&c.name, name)).map(|column| &mut **column)
    }

    /// How many columns, from the first on, are the same in another state of the table.
    pub fn columns_alike(&self, other: &Self) -> usize {
        self.columns.iter().zip(&other.columns).take_while(|(a, b)| a == b).count()
    }

    /// Every expression of the table, and what it may name.
    pub fn exprs_mut(&mut self) -> impl Iterator<Item = (Scope, &mut Expr)> {
        let has_one = |c: &&mut Shared<Column>| c.default.is_some() || c.generated.is_some() || c.check.is_some();
        let of_columns = self.columns.iter_mut().filter(has_one).flat_map(|column| {
            let column = &mut **column;
            let generated = column.generated.as_mut().map(|generated| &mut generated.expr);
            let row = generated.into_iter().chain(&mut column.check).map(|expr| (Scope::Row, expr));
            row.chain(column.default.iter_mut().map(|expr| (Scope::Nothing, expr)))
        });
        let of_indexes = self.indexes.iter_mut().flat_map(|index| {
            let keys = index.parts.iter_mut().filter_map(|part| match &mut part.key {
                IndexKey::Expr(expr) => Some(expr),
                IndexKey::Column(_) => None,
            });
            keys.chain(&mut index.predicate)
        });
        let constraints = self.checks.iter_mut().map(|check| &mut check.expr);
        let constraints = constraints.chain(self.excludes.iter_mut().map(|exclude| &mut exclude.text));
        let policies = self.policies.iter_mut().flat_map(|policy| policy.using.iter_mut().chain(&mut policy.check));
        of_columns
            .chain(of_indexes.chain(constraints).map(|expr| (Scope::Row, expr)))
            .chain(policies.map(|expr| (Scope::Queries, expr)))
    }

    /// The primary key's columns; empty without one.
    pub fn key_columns(&self) -> &[String] {
        self.primary_key.as_ref().map_or(&[], |key| key.columns.as_slice())
    }
}

impl Column {
    /// A nullable column with nothing but a type.
    pub fn new(name: impl Into<String>, ty: SqlType) -> Self {
        Self {
            name: name.into(),
            ty,
            nullable: true,
            default: None,
            auto: None,
            generated: None,
            collation: None,
            comment: None,
            charset: None,
            on_update: None,
            check: None,
        }
    }

    /// Whether a row may be inserted without a value for it.
    pub fn fills_itself(&self) -> bool {
        self.nullable || self.default.is_some() || self.auto.is_some() || self.generated.is_some()
    }
}

impl IndexPart {
    /// A whole column, ascending.
    pub fn column(name: impl Into<String>) -> Self {
        Self {
            key: IndexKey::Column(name.into()),
            descending: false,
            nulls_first: None,
            collation: None,
            operator_class: None,
            prefix: None,
        }
    }
}

impl Index {
    /// Whether it is the same as another one, whatever it is called.
    pub fn is_like(&self, other: &Self) -> bool {
        Self { name: other.name.clone(), ..self.clone() } == *other
    }

    /// An index of whole columns, with nothing special about it.
    pub fn new(name: impl Into<String>, columns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name: name.into(),
            unique: false,
            method: None,
            parts: columns.into_iter().map(IndexPart::column).collect(),
            include: Vec::new(),
            predicate: None,
            nulls_not_distinct: false,
            with: None,
            invalid: false,
        }
    }

    /// The plain columns among its keys.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match &part.key {
            IndexKey::Column(name) => Some(name.as_str()),
            IndexKey::Expr(_) => None,
        })
    }
}
