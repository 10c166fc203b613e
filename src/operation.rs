//! The one vocabulary of schema changes: what the differ makes and the renderers, the review and
//! the messages read. An operation carries both sides of what it changes, so that everyone who
//! reads it can say what is lost and what is needed without looking anything up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::catalog::{
    Check, Column, Commented, Deferrable, Domain, EnumType, Exclude, Expr, ForeignKey, Function, Index, Name, Policy,
    PrimaryKey, Sequence, Table, TableOptions, Trigger, Unique, View,
};
use crate::words::counted;

/// One typed step between two catalogs. Names are those that hold when the step runs: renames of a
/// plan come first, so every later step speaks of the new names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "operation")]
pub enum Operation {
    CreateEnum {
        ty: EnumType,
    },
    DropEnum {
        ty: EnumType,
    },
    RenameEnum {
        from: Name,
        to: Name,
    },
    /// Adds a value before another, or at the end.
    AddEnumValue {
        name: Name,
        value: String,
        before: Option<String>,
    },
    RenameEnumValue {
        name: Name,
        from: String,
        to: String,
    },
    /// Makes the type anew: values go or change places. `columns` are those that use it; `rows`
    /// says which value takes the place of one that goes.
    RebuildEnum {
        from: EnumType,
        to: EnumType,
        columns: Vec<(Name, String)>,
        rows: BTreeMap<String, String>,
    },
    CommentEnum {
        name: Name,
        from: Option<String>,
        to: Option<String>,
    },
    /// What the table is beside its columns: `STRICT`, `UNLOGGED`.
    ChangeOptions {
        table: Name,
        from: TableOptions,
        to: TableOptions,
    },
    /// Without the foreign keys and indexes: those are steps of their own.
    CreateTable {
        table: Table,
    },
    DropTable {
        table: Table,
    },
    RenameTable {
        from: Name,
        to: Name,
    },
    RenameColumn {
        table: Name,
        from: String,
        to: String,
    },
    /// `fill`: the value of rows that exist, where the column is NOT NULL without a default.
    AddColumn {
        table: Name,
        column: Column,
        fill: Option<Expr>,
    },
    DropColumn {
        table: Name,
        column: Column,
    },
    /// `using`: how old values become new ones, where that is not a plain cast.
    AlterType {
        table: Name,
        from: Column,
        to: Column,
        using: Option<Expr>,
    },
    /// NULL becomes forbidden; `fill` is what replaces NULLs first.
    SetNotNull {
        table: Name,
        column: Column,
        fill: Option<Expr>,
    },
    DropNotNull {
        table: Name,
        column: Column,
    },
    AlterDefault {
        table: Name,
        from: Column,
        to: Column,
    },
    /// A change of identity, generation or collation, or of what MySQL keeps with a column (character
    /// set, `ON UPDATE`, check); comment excepted.
    AlterColumnKind {
        table: Name,
        from: Column,
        to: Column,
    },
    AddPrimaryKey {
        table: Name,
        key: PrimaryKey,
    },
    DropPrimaryKey {
        table: Name,
        key: PrimaryKey,
    },
    AddUnique {
        table: Name,
        unique: Unique,
    },
    DropUnique {
        table: Name,
        unique: Unique,
    },
    AddCheck {
        table: Name,
        check: Check,
    },
    DropCheck {
        table: Name,
        check: Check,
    },
    AddExclude {
        table: Name,
        exclude: Exclude,
    },
    DropExclude {
        table: Name,
        exclude: Exclude,
    },
    /// Looks at the rows that were there when the check was added `NOT VALID`.
    ValidateCheck {
        table: Name,
        check: Check,
    },
    AddForeignKey {
        table: Name,
        key: ForeignKey,
    },
    /// As [`Operation::ValidateCheck`].
    ValidateForeignKey {
        table: Name,
        key: ForeignKey,
    },
    /// Primary key, unique, check, exclusion or foreign key.
    RenameConstraint {
        table: Name,
        from: String,
        to: String,
    },
    DropForeignKey {
        table: Name,
        key: ForeignKey,
    },
    CreateIndex {
        table: Name,
        index: Index,
    },
    DropIndex {
        table: Name,
        index: Index,
    },
    /// `index` has the new name.
    RenameIndex {
        table: Name,
        from: String,
        index: Index,
    },
    CreateTrigger {
        table: Name,
        trigger: Trigger,
    },
    DropTrigger {
        table: Name,
        trigger: Trigger,
    },
    CreatePolicy {
        table: Name,
        policy: Policy,
    },
    DropPolicy {
        table: Name,
        policy: Policy,
    },
    /// On what is no table, column, enum or view.
    Comment {
        on: Commented,
        from: Option<String>,
        to: Option<String>,
    },
    /// `column` is `None` for the table itself.
    SetComment {
        table: Name,
        column: Option<String>,
        from: Option<String>,
        to: Option<String>,
    },
    CreateObject {
        object: Object,
    },
    DropObject {
        object: Object,
    },
    /// In place, what depends on it staying: both sides are of one kind and name.
    ChangeObject {
        from: Object,
        to: Object,
    },
}

/// What a schema has beside tables and enums, each made and dropped as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Object {
    Schema(String),
    Extension(String),
    Domain(Domain),
    /// One that no `serial` column owns.
    Sequence(Sequence),
    Function(Function),
    View(View),
}

impl Object {
    /// Its name; that of a function has its arguments.
    pub fn name(&self) -> Name {
        match self {
            Self::Schema(name) | Self::Extension(name) => Name::new(name.clone()),
            Self::Domain(domain) => domain.name.clone(),
            Self::Sequence(sequence) => sequence.name.clone(),
            Self::Function(function) => function.name.clone(),
            Self::View(view) => view.name.clone(),
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Schema(_) => "schema",
            Self::Extension(_) => "extension",
            Self::Domain(_) => "domain",
            Self::Sequence(_) => "sequence",
            Self::Function(_) => "function",
            Self::View(view) if view.materialized => "materialized view",
            Self::View(_) => "view",
        }
    }

    /// As a view.
    pub fn view(&self) -> Option<&View> {
        match self {
            Self::View(view) => Some(view),
            _ => None,
        }
    }
}

/// What a step destroys that the step back cannot bring back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What is lost, in words: "the rows of tags".
    pub what: String,
}

impl Operation {
    /// The table that the step changes; `None` for types.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Self::CreateEnum { .. }
            | Self::DropEnum { .. }
            | Self::RenameEnum { .. }
            | Self::AddEnumValue { .. }
            | Self::RenameEnumValue { .. }
            | Self::RebuildEnum { .. }
            | Self::CommentEnum { .. }
            | Self::Comment { .. }
            | Self::CreateObject { .. }
            | Self::DropObject { .. }
            | Self::ChangeObject { .. } => None,
            Self::CreateTable { table } | Self::DropTable { table } => Some(&table.name),
            Self::RenameTable { to, .. } => Some(to),
            Self::ChangeOptions { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::AlterType { table, .. }
            | Self::SetNotNull { table, .. }
            | Self::DropNotNull { table, .. }
            | Self::AlterDefault { table, .. }
            | Self::AlterColumnKind { table, .. }
            | Self::AddPrimaryKey { table, .. }
            | Self::DropPrimaryKey { table, .. }
            | Self::AddUnique { table, .. }
            | Self::DropUnique { table, .. }
            | Self::AddCheck { table, .. }
            | Self::DropCheck { table, .. }
            | Self::ValidateCheck { table, .. }
            | Self::ValidateForeignKey { table, .. }
            | Self::RenameConstraint { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::AddExclude { table, .. }
            | Self::DropExclude { table, .. }
            | Self::AddForeignKey { table, .. }
            | Self::DropForeignKey { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::CreateTrigger { table, .. }
            | Self::DropTrigger { table, .. }
            | Self::CreatePolicy { table, .. }
            | Self::DropPolicy { table, .. }
            | Self::SetComment { table, .. } => Some(table),
        }
    }

    /// The column that the step changes, adds or drops.
    pub fn column(&self) -> Option<&String> {
        match self {
            Self::AddColumn { column, .. }
            | Self::DropColumn { column, .. }
            | Self::SetNotNull { column, .. }
            | Self::DropNotNull { column, .. } => Some(&column.name),
            Self::AlterType { to, .. } | Self::AlterDefault { to, .. } | Self::AlterColumnKind { to, .. } => {
                Some(&to.name)
            }
            Self::SetComment { column, .. } => column.as_ref(),
            _ => None,
        }
    }

    /// `+` for what is new, `-` for what goes, `~` for what is another.
    pub fn sign(&self) -> char {
        match self.describe().split(' ').next() {
            Some("add" | "create") => '+',
            Some("drop") if !matches!(self, Self::AlterDefault { .. }) => '-',
            _ => '~',
        }
    }

    /// Whether two steps do the same to different things.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::CreateObject { object: a }, Self::CreateObject { object: b })
            | (Self::DropObject { object: a }, Self::DropObject { object: b }) => a.kind() == b.kind(),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// The step in words, as a list of them shows it: "add column users.nick_name text".
    pub fn describe(&self) -> String {
        match self {
            Self::CreateEnum { ty } => format!("create enum {} ({})", ty.name, ty.values.join(", ")),
            Self::DropEnum { ty } => format!("drop enum {}", ty.name),
            Self::RenameEnum { from, to } => format!("rename enum {from} to {to}"),
            Self::AddEnumValue { name, value, before: Some(next) } => {
                format!("add value '{value}' to enum {name}, before '{next}'")
            }
            Self::AddEnumValue { name, value, before: None } => format!("add value '{value}' to enum {name}"),
            Self::RenameEnumValue { name, from, to } => format!("rename value '{from}' of enum {name} to '{to}'"),
            Self::RebuildEnum { from, to, .. } => {
                let gone: Vec<_> = from.values.iter().filter(|v| !to.values.contains(v)).cloned().collect();
                match gone.as_slice() {
                    [] => format!("rebuild enum {} in another order", from.name),
                    gone => format!("rebuild enum {} without '{}'", from.name, gone.join("', '")),
                }
            }
            Self::CreateTable { table } => {
                format!("create table {} ({})", table.name, counted(table.columns.len(), "column"))
            }
            Self::DropTable { table } => format!("drop table {}", table.name),
            Self::ChangeOptions { table, from, to } => match (&from.partition_of, &to.partition_of) {
                (None, Some(parent)) => format!("attach partition {table} to {parent}"),
                (Some(parent), None) => format!("detach partition {table} from {parent}"),
                (a, b) if (a, &from.partition_bounds) != (b, &to.partition_bounds) => {
                    format!("move partition {table} to other rows")
                }
                _ => format!("change options of table {table}"),
            },
            Self::RenameTable { from, to } => format!("rename table {from} to {to}"),
            Self::RenameColumn { table, from, to } => format!("rename column {table}.{from} to {to}"),
            Self::AddColumn { table, column, .. } => {
                let null = if column.nullable { "" } else { " NOT NULL" };
                format!("add column {table}.{} {}{null}", column.name, column.ty)
            }
            Self::DropColumn { table, column } => format!("drop column {table}.{}", column.name),
            Self::AlterType { table, from, to, .. } => {
                format!("change type of {table}.{} from {} to {}", to.name, from.ty, to.ty)
            }
            Self::SetNotNull { table, column, .. } => format!("make {table}.{} NOT NULL", column.name),
            Self::DropNotNull { table, column } => format!("make {table}.{} nullable", column.name),
            Self::AlterDefault { table, to, .. } => match &to.default {
                Some(default) => format!("set default of {table}.{} to {default}", to.name),
                None => format!("drop default of {table}.{}", to.name),
            },
            Self::AlterColumnKind { table, to, .. } => format!("change how {table}.{} gets its value", to.name),
            Self::AddPrimaryKey { table, key } => format!("add primary key of {table} ({})", key.columns.join(", ")),
            Self::DropPrimaryKey { table, .. } => format!("drop primary key of {table}"),
            Self::AddUnique { table, unique } => format!("add unique to {table} ({})", unique.columns.join(", ")),
            Self::DropUnique { table, unique } => format!("drop unique of {table} ({})", unique.columns.join(", ")),
            Self::AddCheck { table, check } => format!("add check to {table}: {}", check.expr),
            Self::DropCheck { table, check } => format!("drop check of {table}: {}", check.expr),
            Self::ValidateCheck { table, check } => format!("validate check of {table}: {}", check.expr),
            Self::AddExclude { table, .. } => format!("add exclusion constraint to {table}"),
            Self::DropExclude { table, .. } => format!("drop exclusion constraint of {table}"),
            Self::AddForeignKey { table, key } => {
                let action = if key.on_delete == crate::catalog::Action::NoAction {
                    String::new()
                } else {
                    format!(" on delete {}", key.on_delete.sql().to_lowercase())
                };
                format!("add foreign key {table}.({}) to {}{action}", key.columns.join(", "), key.references)
            }
            Self::DropForeignKey { table, key } => {
                format!("drop foreign key {table}.({}) to {}", key.columns.join(", "), key.references)
            }
            Self::ValidateForeignKey { table, key } => {
                format!("validate foreign key {table}.({}) to {}", key.columns.join(", "), key.references)
            }
            Self::RenameConstraint { table, from, to } => format!("rename constraint {from} of {table} to {to}"),
            Self::RenameIndex { table, from, index } => format!("rename index {from} of {table} to {}", index.name),
            Self::CreateIndex { table, index } => {
                let unique = if index.unique { "unique " } else { "" };
                format!("create {unique}index {} on {table}", index.name)
            }
            Self::DropIndex { table, index } => {
                let invalid = if index.invalid { "invalid " } else { "" };
                format!("drop {invalid}index {} of {table}", index.name)
            }
            Self::CreateTrigger { table, trigger } => format!("create trigger {} on {table}", trigger.name),
            Self::DropTrigger { table, trigger } => format!("drop trigger {} of {table}", trigger.name),
            Self::CreatePolicy { table, policy } => format!("create policy {} on {table}", policy.name),
            Self::DropPolicy { table, policy } => format!("drop policy {} of {table}", policy.name),
            Self::SetComment { table, column: Some(column), .. } => format!("comment on {table}.{column}"),
            Self::SetComment { table, column: None, .. } => format!("comment on {table}"),
            Self::CommentEnum { name, .. } => format!("comment on enum {name}"),
            Self::Comment { on, .. } => format!("comment on {on}"),
            Self::CreateObject { object } => format!("create {} {}", object.kind(), object.name()),
            Self::DropObject { object } => format!("drop {} {}", object.kind(), object.name()),
            Self::ChangeObject { to, .. } => format!("change {} {}", to.kind(), to.name()),
        }
    }

    /// What is lost for good when the step runs on a table with rows.
    pub fn loss(&self) -> Option<Loss> {
        let what = match self {
            Self::DropTable { table } => format!("the rows of {}", table.name),
            Self::DropColumn { table, column } if column.generated.is_none() => {
                format!("the values of {table}.{}", column.name)
            }
            Self::AlterType { table, from, to, .. } if !widens(from, to) => {
                format!("what of {table}.{} does not fit {}", to.name, to.ty)
            }
            Self::AlterColumnKind { table, from, to } if from.generated.is_none() && to.generated.is_some() => {
                format!("the values of {table}.{}", to.name)
            }
            Self::RebuildEnum { from, to, .. } => {
                let gone: Vec<_> = from.values.iter().filter(|v| !to.values.contains(v)).cloned().collect();
                if gone.is_empty() {
                    return None;
                }
                format!("'{}' of enum {}", gone.join("', '"), from.name)
            }
            Self::DropObject { object: Object::Sequence(sequence) } => {
                format!("how far sequence {} has counted", sequence.name)
            }
            _ => return None,
        };
        Some(Loss { what })
    }

    /// A constraint's timing, where the step adds one.
    pub fn deferrable(&self) -> Deferrable {
        match self {
            Self::AddUnique { unique, .. } => unique.deferrable,
            Self::AddForeignKey { key, .. } => key.deferrable,
            _ => Deferrable::No,
        }
    }
}

/// Whether every value of the old type is a value of the new one.
fn widens(from: &Column, to: &Column) -> bool {
    let (a, b) = (from.ty.base.as_str(), to.ty.base.as_str());
    let rank = |base: &str| match base.strip_suffix(" unsigned").unwrap_or(base) {
        "tinyint" => 1,
        "smallint" | "SMALLINT" => 2,
        "mediumint" => 3,
        "integer" | "INTEGER" | "INT" | "int" => 4,
        "bigint" | "BIGINT" => 5,
        _ => 0,
    };
    if rank(a) > 0 && rank(b) >= rank(a) && a.ends_with("unsigned") == b.ends_with("unsigned") {
        return true;
    }
    let length = |column: &Column| column.ty.args.first().and_then(|n| n.parse::<u64>().ok()).unwrap_or(u64::MAX);
    let texts = ["text", "character varying", "citext", "TEXT", "VARCHAR"];
    let sizes = ["tinytext", "varchar", "text", "mediumtext", "longtext"];
    let size = |base: &str| sizes.iter().position(|size| *size == base);
    match (a, b) {
        ("enum", "enum") | ("set", "set") => from.ty.args.iter().all(|label| to.ty.args.contains(label)),
        ("enum" | "tinytext" | "text" | "mediumtext", _) if size(b) >= size(a).max(Some(2)) => true,
        ("varchar", "text" | "mediumtext" | "longtext") => true,
        ("varchar", "varchar") => length(to) >= length(from),
        ("float", "double") => true,
        ("date", "timestamp without time zone" | "timestamp with time zone" | "datetime") => true,
        // On PostgreSQL every value has a text.
        (_, "text") if to.ty.array == 0 => true,
        ("real" | "smallint" | "integer", "double precision") | ("smallint", "real") => true,
        ("smallint" | "integer" | "bigint", "numeric") if to.ty.args.is_empty() => true,
        _ if texts.contains(&a) && texts.contains(&b) => length(to) >= length(from),
        _ => a == b && (to.ty.args.is_empty() || from.ty.args == to.ty.args),
    }
}
