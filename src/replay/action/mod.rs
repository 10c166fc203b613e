//! What a statement does, typed: the verbs of SQL with the names that they speak of, in the three
//! dialects alike, so that nobody else has to take a statement apart. What the names stand for (a
//! column's type, a constraint's columns) is in the catalogs before and after the statement, and
//! what the statement does to those is the replay's business.

mod alter;
mod create;
mod read;
mod rows;
mod sqlite;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::cursor::Lexicon;
use super::mysql::Mysql;
use super::postgres::Postgres;
use crate::catalog::Name;
use crate::dialect::Dialect;

/// One step of a statement; `ALTER TABLE` with several clauses has as many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    CreateTable {
        table: Name,
        temporary: bool,
        tolerant: bool,
        from_query: bool,
    },
    DropTable {
        table: Name,
        tolerant: bool,
        cascade: bool,
    },
    /// Also into another schema.
    RenameTable {
        table: Name,
        to: Name,
    },
    AddColumn(NewColumn),
    DropColumn {
        table: Name,
        column: String,
        tolerant: bool,
        cascade: bool,
    },
    RenameColumn {
        table: Name,
        column: String,
        to: String,
    },
    /// A new type; `using` as written.
    AlterType {
        table: Name,
        column: String,
        using: Option<String>,
    },
    /// MySQL's MODIFY and CHANGE: the whole column anew.
    DefineColumn {
        table: Name,
        column: String,
        to: String,
    },
    SetNotNull {
        table: Name,
        column: String,
    },
    DropNotNull {
        table: Name,
        column: String,
    },
    /// `None`: DROP DEFAULT.
    SetDefault {
        table: Name,
        column: String,
        default: Option<String>,
    },
    /// ADD GENERATED … AS IDENTITY.
    AddIdentity {
        table: Name,
        column: String,
    },
    /// Statistics, storage, compression, options, expressions of a column: the words.
    AlterColumn {
        table: Name,
        column: String,
        what: String,
    },
    /// Also what a new column brings with it (`inline`).
    AddConstraint(NewConstraint),
    DropConstraint {
        table: Name,
        constraint: Dropped,
        tolerant: bool,
        cascade: bool,
    },
    RenameConstraint {
        table: Name,
        constraint: String,
        to: String,
    },
    ValidateConstraint {
        table: Name,
        constraint: String,
    },
    AlterConstraint {
        table: Name,
        constraint: String,
    },
    CreateIndex(NewIndex),
    /// `table` where the statement names it (MySQL).
    DropIndex {
        index: Name,
        table: Option<Name>,
        concurrently: bool,
        tolerant: bool,
        cascade: bool,
    },
    RenameIndex {
        index: Name,
        to: String,
    },
    AlterIndex {
        index: Name,
        what: String,
    },
    Reindex {
        what: String,
        name: Option<Name>,
        concurrently: bool,
    },
    CreateTrigger {
        table: Name,
        trigger: String,
    },
    DropTrigger {
        table: Option<Name>,
        trigger: String,
    },
    /// ENABLE or DISABLE TRIGGER or RULE.
    SwitchTrigger {
        table: Name,
        enable: bool,
    },
    AttachPartition {
        table: Name,
        partition: Name,
    },
    DetachPartition {
        table: Name,
        partition: Name,
        concurrently: bool,
    },
    SetLogged {
        table: Name,
        logged: bool,
    },
    /// SET TABLESPACE, SET ACCESS METHOD, SET WITHOUT OIDS: tables are copied.
    MoveTable {
        table: Name,
        what: String,
    },
    /// ROW LEVEL SECURITY, storage parameters, owner, parent, replica identity, MySQL's table
    /// options: the words.
    TableOption {
        table: Name,
        what: String,
    },
    /// MySQL's `ALGORITHM = …` and `LOCK = …` of a statement.
    OnlineOption {
        table: Name,
        option: String,
        value: String,
    },
    Cluster {
        table: Option<Name>,
    },
    Vacuum {
        full: bool,
        tables: Vec<Name>,
    },
    LockTable {
        tables: Vec<Name>,
        mode: String,
    },
    RefreshView {
        view: Name,
        concurrently: bool,
    },
    CreateEnum {
        name: Name,
    },
    AddEnumValue {
        name: Name,
        value: String,
        tolerant: bool,
    },
    RenameEnumValue {
        name: Name,
        value: String,
        to: String,
    },
    /// Types and domains: the words behind the name.
    AlterDomain {
        name: Name,
        constraint: Option<String>,
        not_valid: bool,
        not_null: bool,
    },
    /// Every other CREATE: schema, sequence, view, function, extension, domain, policy, role.
    CreateObject {
        kind: String,
        name: Name,
        replace: bool,
        tolerant: bool,
    },
    DropObject {
        kind: String,
        name: Name,
        tolerant: bool,
        cascade: bool,
    },
    RenameObject {
        kind: String,
        name: Name,
        to: String,
    },
    AlterObject {
        kind: String,
        name: Name,
    },
    Truncate {
        tables: Vec<Name>,
        cascade: bool,
    },
    Insert(Rows),
    Update(Rows),
    Delete(Rows),
    /// A session setting; no value for RESET.
    Set {
        name: String,
        value: Option<String>,
        local: bool,
    },
    Transaction(Transaction),
    /// A block or statement whose text is made when it runs.
    Opaque {
        what: String,
    },
    Comment {
        on: String,
    },
    Grant,
    Revoke,
    Query,
    /// A verb that nothing here knows.
    Other {
        verb: String,
    },
}

/// BEGIN and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transaction {
    Begin,
    Commit,
    Rollback,
    Savepoint,
}

/// A column that ALTER TABLE adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewColumn {
    pub table: Name,
    pub column: String,
    pub tolerant: bool,
    /// The type as written.
    pub ty: String,
    pub not_null: bool,
    pub default: Option<String>,
    pub identity: bool,
    pub generated: Option<Generation>,
}

/// How a generated column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    Stored,
    Virtual,
}

/// What sort of constraint it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey,
    Check,
    Exclude,
    NotNull,
}

/// A constraint that is added to a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConstraint {
    pub table: Name,
    pub name: Option<String>,
    pub kind: ConstraintKind,
    pub columns: Vec<String>,
    /// Of a foreign key.
    pub references: Option<Name>,
    /// The expression of a check, with its parentheses.
    pub text: String,
    pub not_valid: bool,
    /// PostgreSQL's USING INDEX.
    pub using_index: Option<String>,
    /// Whether it stands at a column that the same clause adds.
    pub inline: bool,
}

/// Which constraint goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dropped {
    Named(String),
    PrimaryKey,
    ForeignKey(String),
    Check(String),
}

/// An index that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndex {
    pub table: Name,
    /// As written; PostgreSQL may find one itself.
    pub name: Option<String>,
    pub unique: bool,
    pub concurrently: bool,
    pub tolerant: bool,
}

/// A statement about rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    pub table: Name,
    /// The columns that are written.
    pub columns: Vec<String>,
    /// Insert: the rows come from a query.
    pub from_query: bool,
    /// The condition as written; `None`: every row.
    pub condition: Option<String>,
}

impl Action {
    /// The table that the step is about.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::CreateTable { table, .. }
            | Self::DropTable { table, .. }
            | Self::RenameTable { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AlterType { table, .. }
            | Self::DefineColumn { table, .. }
            | Self::SetNotNull { table, .. }
            | Self::DropNotNull { table, .. }
            | Self::SetDefault { table, .. }
            | Self::AddIdentity { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::ValidateConstraint { table, .. }
            | Self::AlterConstraint { table, .. }
            | Self::CreateTrigger { table, .. }
            | Self::SwitchTrigger { table, .. }
            | Self::AttachPartition { table, .. }
            | Self::DetachPartition { table, .. }
            | Self::SetLogged { table, .. }
            | Self::MoveTable { table, .. }
            | Self::TableOption { table, .. }
            | Self::OnlineOption { table, .. } => Some(table),
            Self::AddColumn(column) => Some(&column.table),
            Self::AddConstraint(constraint) => Some(&constraint.table),
            Self::CreateIndex(index) => Some(&index.table),
            Self::Insert(rows) | Self::Update(rows) | Self::Delete(rows) => Some(&rows.table),
            Self::DropIndex { table, .. } | Self::DropTrigger { table, .. } | Self::Cluster { table } => table.as_ref(),
            Self::Vacuum { tables, .. } | Self::LockTable { tables, .. } | Self::Truncate { tables, .. } => {
                tables.first()
            }
            _ => None,
        }
    }

    /// The one column of a table that the step is about.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::AddColumn(new) => Some(&new.column),
            Self::DropColumn { column, .. }
            | Self::RenameColumn { column, .. }
            | Self::AlterType { column, .. }
            | Self::DefineColumn { column, .. }
            | Self::SetNotNull { column, .. }
            | Self::DropNotNull { column, .. }
            | Self::SetDefault { column, .. }
            | Self::AddIdentity { column, .. }
            | Self::AlterColumn { column, .. } => Some(column),
            _ => None,
        }
    }

    /// The name that the statement gives to what it makes or renames, as written.
    pub fn new_name(&self) -> Option<&str> {
        match self {
            Self::CreateTable { table, .. } => Some(&table.name),
            Self::RenameTable { to, .. } => Some(&to.name),
            Self::AddColumn(new) => Some(&new.column),
            Self::RenameColumn { to, .. } | Self::RenameConstraint { to, .. } | Self::RenameIndex { to, .. } => {
                Some(to)
            }
            Self::AddConstraint(new) => new.name.as_deref(),
            Self::CreateIndex(new) => new.name.as_deref(),
            Self::CreateTrigger { trigger, .. } => Some(trigger),
            Self::CreateEnum { name } => Some(&name.name),
            _ => None,
        }
    }

    /// Whether it changes rows rather than the schema.
    pub fn is_data(&self) -> bool {
        matches!(self, Self::Insert(_) | Self::Update(_) | Self::Delete(_) | Self::Truncate { .. })
    }

    /// Whether it changes the schema.
    pub fn is_ddl(&self) -> bool {
        !self.is_data()
            && !matches!(
                self,
                Self::Set { .. }
                    | Self::Transaction(_)
                    | Self::Opaque { .. }
                    | Self::Query
                    | Self::Grant
                    | Self::Revoke
                    | Self::Vacuum { .. }
                    | Self::LockTable { .. }
                    | Self::Other { .. }
            )
    }
}

/// What one statement does, in the order of its clauses; never empty.
pub fn actions(dialect: Dialect, statement: &str) -> Vec<Action> {
    let found = match dialect {
        Dialect::Postgres => read::statement::<Postgres>(statement),
        Dialect::Mysql => read::statement::<Mysql>(statement),
        Dialect::Sqlite => read::statement::<sqlite::Sqlite>(statement),
    };
    match found.is_empty() {
        false => found,
        true => {
            let verb = statement.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
            vec![Action::Other { verb }]
        }
    }
}

/// A part of an ALTER TABLE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Where it stands in the statement, in bytes, without the commas around it.
    pub range: Range<usize>,
    /// What it does: a new column may bring more with it.
    pub actions: Vec<Action>,
}

/// The clauses of an ALTER TABLE as they stand there; none of any other statement.
pub fn clauses(dialect: Dialect, statement: &str) -> Vec<Clause> {
    match dialect {
        Dialect::Postgres => alter::clauses(Cursor::<Postgres>::new(statement)),
        Dialect::Mysql => alter::clauses(Cursor::<Mysql>::new(statement)),
        Dialect::Sqlite => alter::clauses(Cursor::<sqlite::Sqlite>::new(statement)),
    }
}

/// A cursor of any dialect.
type Cursor<'a, L> = super::cursor::Cursor<'a, L>;

/// The words up to here in lower case, one space between them.
fn folded<L: Lexicon>(cx: &Cursor<'_, L>) -> String {
    cx.remaining().iter().map(|t| t.text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ")
}
