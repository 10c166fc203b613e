//! Which lock a PostgreSQL statement takes on tables that are there, and how long it holds it
//! (PostgreSQL manual, ALTER TABLE, "Notes", and 13.3.1; `AlterTableGetLockLevel` in tablecmds.c).
//! Every line of it is run on a server in `postgres_tests`.

use super::lock::{Lock, LockMode, Work};
use super::step::Act;
use super::volatile::is_volatile;
use crate::catalog::{AutoValue, Catalog, Column, Name, SqlType, Table};
use crate::dialect::Dialect;
use crate::replay::action::{Action, ConstraintKind, Dropped, Generation, NewColumn, NewConstraint};

use LockMode::{AccessExclusive, Exclusive, RowExclusive, Share, ShareRowExclusive, ShareUpdateExclusive};

/// The lock of one step; `None` where it takes none on a table that is there. `before` is the schema
/// that the script meets.
pub(super) fn lock_of(act: &Act, before: &Catalog) -> Option<Lock> {
    if let Action::RefreshView { view, concurrently } = &act.action {
        let (mode, work) = if *concurrently { (Exclusive, Work::Scan) } else { (AccessExclusive, Work::Rewrite) };
        return Some(Lock::new(mode, [view], work));
    }
    let table = match &act.before {
        Some(table) => table.name.clone(),
        None => act.action.table().cloned()?,
    };
    let one = |mode, work| Some(Lock::new(mode, [&table], work));
    match &act.action {
        Action::CreateIndex(index) => one(if index.concurrently { ShareUpdateExclusive } else { Share }, Work::Index),
        Action::DropIndex { concurrently: true, .. } => one(ShareUpdateExclusive, Work::Catalog),
        Action::Reindex { concurrently: true, .. } => one(ShareUpdateExclusive, Work::Index),
        Action::Reindex { .. } => one(Share, Work::Index),
        Action::AddColumn(new) => one(AccessExclusive, added_column(act, new, before)),
        Action::AlterType { column, using, .. } => {
            one(AccessExclusive, type_change(act, column, using.as_deref(), before))
        }
        Action::SetNotNull { column, .. } => {
            let known = act.before.as_deref().is_some_and(|table| is_known_not_null(table, column));
            one(AccessExclusive, if known { Work::Catalog } else { Work::Scan })
        }
        Action::AlterColumn { what, .. } if what.starts_with("set statistics") => {
            one(ShareUpdateExclusive, Work::Catalog)
        }
        Action::AddIdentity { .. } => one(AccessExclusive, Work::Catalog),
        Action::AddConstraint(new) => constraint(&table, act, new),
        Action::ValidateConstraint { .. } => one(ShareUpdateExclusive, Work::Scan),
        Action::DropConstraint { constraint, .. } => {
            let parent = act.before.as_deref().and_then(|table| referenced(table, constraint));
            Some(Lock::new(AccessExclusive, [&table].into_iter().chain(parent), Work::Catalog))
        }
        Action::CreateTrigger { .. } | Action::SwitchTrigger { .. } => one(ShareRowExclusive, Work::Catalog),
        Action::AttachPartition { partition, .. } => Some(Lock::new(AccessExclusive, [partition], Work::Scan)),
        Action::DetachPartition { concurrently: true, .. } => one(ShareUpdateExclusive, Work::Catalog),
        Action::DetachPartition { partition, .. } => {
            Some(Lock::new(AccessExclusive, [&table, partition], Work::Catalog))
        }
        Action::DropTable { .. } => {
            let parents = act.before.iter().flat_map(|table| table.foreign_keys.iter().map(|key| &key.references));
            Some(Lock::new(AccessExclusive, [&table].into_iter().chain(parents), Work::Catalog))
        }
        Action::SetLogged { logged, .. } => {
            let same = act.before.as_deref().is_some_and(|table| table.options.unlogged != *logged);
            one(AccessExclusive, if same { Work::Catalog } else { Work::Rewrite })
        }
        Action::MoveTable { what, .. } => {
            one(AccessExclusive, if what.contains("oids") { Work::Catalog } else { Work::Rewrite })
        }
        Action::TableOption { what, .. } if is_light(what) => one(ShareUpdateExclusive, Work::Catalog),
        Action::Cluster { .. } | Action::Vacuum { full: true, .. } => one(AccessExclusive, Work::Rewrite),
        Action::Vacuum { .. } => one(ShareUpdateExclusive, Work::Scan),
        Action::LockTable { tables, mode } => Some(Lock::new(named_mode(mode), tables, Work::Catalog)),
        Action::Truncate { tables, .. } => Some(Lock::new(AccessExclusive, tables, Work::Catalog)),
        Action::Insert(_) | Action::Update(_) | Action::Delete(_) => one(RowExclusive, Work::Scan),
        Action::CreateTable { .. } | Action::RenameIndex { .. } | Action::AlterIndex { .. } => None,
        _ => one(AccessExclusive, Work::Catalog),
    }
}

/// Storage parameters and the index to cluster by.
fn is_light(what: &str) -> bool {
    let heads =
        ["set ( fillfactor", "set ( autovacuum", "set ( toast.", "reset (", "cluster on", "set without cluster"];
    heads.iter().any(|head| what.starts_with(head)) || what.starts_with("set (")
}

fn named_mode(mode: &str) -> LockMode {
    match mode {
        "row exclusive" | "row share" | "access share" => RowExclusive,
        "share update exclusive" => ShareUpdateExclusive,
        "share" => Share,
        "share row exclusive" => ShareRowExclusive,
        "exclusive" => Exclusive,
        _ => AccessExclusive,
    }
}

/// What the rows of a table cost that gets a column (manual: "a volatile DEFAULT … the entire table
/// and its indexes to be rewritten").
fn added_column(act: &Act, new: &NewColumn, catalog: &Catalog) -> Work {
    let column = act.column_after(&new.column, Dialect::Postgres);
    let serial = matches!(column.and_then(|c| c.auto.as_ref()), Some(AutoValue::Serial { .. }));
    let volatile = new.default.as_deref().is_some_and(|default| is_volatile(default, catalog));
    let constrained = column.is_some_and(|c| {
        catalog
            .domains
            .iter()
            .any(|(name, domain)| name.to_string() == c.ty.base && (domain.not_null || !domain.checks.is_empty()))
    });
    if serial || volatile || new.identity || constrained || new.generated == Some(Generation::Stored) {
        return Work::Rewrite;
    }
    Work::Catalog
}

fn constraint(table: &Name, act: &Act, new: &NewConstraint) -> Option<Lock> {
    let by_column = new.inline;
    let lock = |mode, work| Some(Lock::new(mode, [table], work));
    match new.kind {
        ConstraintKind::ForeignKey => {
            let work = if new.not_valid || by_column { Work::Catalog } else { Work::Scan };
            Some(Lock::new(ShareRowExclusive, [table].into_iter().chain(&new.references), work))
        }
        ConstraintKind::Check | ConstraintKind::NotNull => {
            lock(AccessExclusive, if new.not_valid { Work::Catalog } else { Work::Scan })
        }
        ConstraintKind::Unique if new.using_index.is_some() => lock(AccessExclusive, Work::Catalog),
        ConstraintKind::PrimaryKey if new.using_index.is_some() => {
            let required = new
                .using_index
                .as_deref()
                .is_some_and(|index| act.before.as_deref().is_some_and(|table| index_is_required(table, index)));
            lock(AccessExclusive, if required { Work::Catalog } else { Work::Scan })
        }
        ConstraintKind::Unique | ConstraintKind::PrimaryKey | ConstraintKind::Exclude => {
            lock(AccessExclusive, Work::Index)
        }
    }
}

/// Whether every column of an index is NOT NULL already.
fn index_is_required(table: &Table, index: &str) -> bool {
    let Some(index) = table.indexes.iter().find(|i| i.name == index) else { return false };
    let required = |name: &str| table.column(name, Dialect::Postgres).is_some_and(|c| !c.nullable);
    index.columns().all(required)
}

/// The table that a foreign key points to.
fn referenced<'a>(table: &'a Table, constraint: &Dropped) -> Option<&'a Name> {
    let Dropped::Named(name) = constraint else { return None };
    table.foreign_keys.iter().find(|key| key.name.as_ref() == Some(name)).map(|key| &key.references)
}

/// Whether NULL is impossible already, as the server knows it: the column says so, or a check that
/// every row has passed (PostgreSQL 12 and later).
pub(super) fn is_known_not_null(table: &Table, column: &str) -> bool {
    table.column(column, Dialect::Postgres).is_some_and(|c| !c.nullable)
        || super::rules::says_not_null(Some(table), column)
}

/// Whether a column changes between `timestamp` and `timestamptz`, which are one in UTC (PostgreSQL 12).
pub(super) fn is_time_zone(act: &Act) -> bool {
    let Action::AlterType { column, using, .. } = &act.action else { return false };
    let dialect = Dialect::Postgres;
    let types = [act.column_before(column, dialect), act.column_after(column, dialect)].map(|c| c.map(|c| &c.ty));
    let [Some(from), Some(to)] = types else { return false };
    using.as_deref().is_none_or(|using| is_plain_cast(using, column))
        && from.base != to.base
        && from.array == 0
        && to.array == 0
        && from.args == to.args
        && [from, to].iter().all(|ty| ty.base.starts_with("timestamp"))
}

/// What a new type costs the rows that are there.
pub(super) fn type_change(act: &Act, column: &str, using: Option<&str>, catalog: &Catalog) -> Work {
    let dialect = Dialect::Postgres;
    let (Some(from), Some(to)) = (act.column_before(column, dialect), act.column_after(column, dialect)) else {
        return Work::Rewrite;
    };
    if using.is_some_and(|using| !is_plain_cast(using, column)) {
        return Work::Rewrite;
    }
    let work = cast(&base_of(from, catalog), &base_of(to, catalog));
    // Another collation, and its indexes are in another order.
    if work == Work::Catalog && from.collation != to.collation { Work::Index } else { work }
}

/// The type under a domain that is left; one that is entered has to be checked.
fn base_of(column: &Column, catalog: &Catalog) -> SqlType {
    let domain = catalog.domains.iter().find(|(name, _)| name.to_string() == column.ty.base);
    match domain {
        Some((_, domain)) if !domain.not_null && domain.checks.is_empty() => domain.base.clone(),
        _ => column.ty.clone(),
    }
}

/// `USING a::type` says no more than the type.
fn is_plain_cast(using: &str, column: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| c == '"' || c.is_whitespace() || c == '(').to_lowercase();
    using.split("::").next().is_some_and(|head| bare(head) == column.to_lowercase())
}

/// Whether values keep their bytes (`ATColumnChangeRequiresRewrite` in tablecmds.c), measured.
fn cast(from: &SqlType, to: &SqlType) -> Work {
    if from == to {
        return Work::Catalog;
    }
    // Arrays are rebuilt even where their elements keep their bytes.
    if from.array != to.array || from.array > 0 {
        return Work::Rewrite;
    }
    let number = |ty: &SqlType, at: usize| ty.args.get(at).and_then(|n| n.trim().parse::<i64>().ok());
    let grows = |at| match (number(from, at), number(to, at)) {
        (_, None) => true,
        (Some(old), Some(new)) => new >= old,
        (None, Some(_)) => false,
    };
    let keeps = match (from.base.as_str(), to.base.as_str()) {
        ("character varying" | "text", "text") => true,
        ("text", "character varying") => to.args.is_empty(),
        ("character varying", "character varying") | ("bit varying", "bit varying") => grows(0),
        ("numeric", "numeric") => {
            to.args.is_empty()
                || (grows(0) && number(from, 1).unwrap_or(0) == number(to, 1).unwrap_or(0) && !from.args.is_empty())
        }
        (a, b) if a == b && (a.starts_with("timestamp") || a.starts_with("time") || a == "interval") => {
            to.args.is_empty() || number(to, 0) == Some(6) || (!from.args.is_empty() && grows(0))
        }
        ("cidr", "inet") | ("xml", "text" | "character varying") => true,
        ("integer", "oid") | ("oid", "integer") => true,
        ("text" | "character varying", "citext") | ("citext", "text" | "character varying") => {
            return if to.args.is_empty() { Work::Index } else { Work::Rewrite };
        }
        _ => false,
    };
    if keeps { Work::Catalog } else { Work::Rewrite }
}
