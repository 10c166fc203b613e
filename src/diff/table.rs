//! What differs between two states of one table.

use super::Answers;
use super::objects::function_stays;
use crate::catalog::{
    AutoValue, Catalog, Check, Column, Exclude, Expr, ForeignKey, Index, Name, Policy, Table, Trigger, Unique, mysql,
};
use crate::dialect::Dialect;
use crate::operation::Operation;
use crate::sql::postgres;

/// Adds the operations that lead from one state of a table to the other.
pub(super) fn diff_table(
    old: &Table,
    new: &Table,
    from: &Catalog,
    to: &Catalog,
    answers: &Answers,
    found: &mut Vec<Operation>,
) {
    let (from_options, mut to_options) = (old.options.clone(), new.options.clone());
    if answers.server_texts && from_options.partition_bounds.is_some() && to_options.partition_bounds.is_some() {
        to_options.partition_bounds.clone_from(&from_options.partition_bounds);
    }
    if from_options != to_options {
        let (from, to) = (from_options, to_options);
        found.push(Operation::ChangeOptions { table: new.name.clone(), from, to });
    }
    diff_columns(old, new, to.dialect, answers, found);
    diff_primary_key(old, new, to.dialect, found);
    diff_constraints(old, new, to.dialect, found);
    diff_foreign_keys(old, new, from, to, found);
    diff_indexes(&old.indexes, &new.indexes, &new.name, found);
    diff_triggers(old, new, (from, to), answers.server_texts, found);
    diff_policies(&old.policies, new, found);
    diff_comments(old, new, to.dialect, found);
}

/// What a policy says can mostly be altered, but making it anew says it all.
pub(super) fn diff_policies(old: &[Policy], new: &Table, found: &mut Vec<Operation>) {
    let pairs = Pairs::of(old, &new.policies, |a, b| a == b);
    let table = || new.name.clone();
    found.extend(pairs.gone.iter().map(|p| Operation::DropPolicy { table: table(), policy: (*p).clone() }));
    found.extend(pairs.new.iter().map(|p| Operation::CreatePolicy { table: table(), policy: (*p).clone() }));
}

/// A part of a table by its name.
trait Named {
    fn name(&self) -> Option<&str>;
}

macro_rules! named {
    ($($part:ty),*) => {
        $(impl Named for $part {
            fn name(&self) -> Option<&str> {
                self.name.as_deref()
            }
        })*
    };
}

named!(Unique, Check, Exclude, ForeignKey);

impl Named for Index {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl Named for Policy {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl Named for Trigger {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// The parts of two tables: those that both have, those only of the first, those only of the second.
struct Pairs<'a, T> {
    kept: Vec<(&'a T, &'a T)>,
    gone: Vec<&'a T>,
    new: Vec<&'a T>,
}

impl<'a, T: Named> Pairs<'a, T> {
    /// Each part counts once; where several are the same, those of one name belong together.
    fn of(old: &'a [T], new: &'a [T], same: impl Fn(&T, &T) -> bool) -> Self {
        let (mut gone, mut left): (Vec<&T>, Vec<&T>) = (old.iter().collect(), new.iter().collect());
        let mut kept = Vec::new();
        for by_name in [true, false] {
            gone.retain(|one| {
                let twin = left.iter().position(|other| (!by_name || one.name() == other.name()) && same(one, other));
                kept.extend(twin.map(|at| (*one, left.remove(at))));
                twin.is_none()
            });
        }
        Self { kept, gone, new: left }
    }

    /// Takes the parts that have another name now and can simply get it; those whose new name is
    /// still taken by another part that stays have to go and come.
    fn renamed(&mut self) -> Vec<(&'a T, &'a T)> {
        let taken: Vec<&T> = self.kept.iter().map(|(old, _)| *old).collect();
        let mut renamed = Vec::new();
        let kept = std::mem::take(&mut self.kept);
        for (old, new) in kept {
            match (old.name(), new.name()) {
                (Some(a), Some(b)) if a != b && taken.iter().any(|other| other.name() == Some(b)) => {
                    self.gone.push(old);
                    self.new.push(new);
                }
                (Some(a), Some(b)) if a != b => renamed.push((old, new)),
                _ => self.kept.push((old, new)),
            }
        }
        renamed
    }
}

/// Adds what gives the constraints their new names. SQLite makes nothing of them, and MySQL has no
/// statement for it.
fn rename_constraints<'a, T: Named>(
    pairs: &mut Pairs<'a, T>,
    table: &Table,
    dialect: Dialect,
    found: &mut Vec<Operation>,
) -> Vec<(&'a T, &'a T)> {
    if dialect != Dialect::Postgres {
        return Vec::new();
    }
    let renamed = pairs.renamed();
    found.extend(renamed.iter().filter_map(|(old, new)| {
        let (from, to) = (old.name()?.to_owned(), new.name()?.to_owned());
        Some(Operation::RenameConstraint { table: table.name.clone(), from, to })
    }));
    renamed
}

fn diff_constraints(old: &Table, new: &Table, dialect: Dialect, found: &mut Vec<Operation>) {
    let table = || new.name.clone();
    let mut uniques = Pairs::of(&old.uniques, &new.uniques, |a, b| same_unique(a, b, dialect));
    rename_constraints(&mut uniques, new, dialect, found);
    found.extend(uniques.gone.iter().map(|u| Operation::DropUnique { table: table(), unique: (*u).clone() }));
    found.extend(uniques.new.iter().map(|u| Operation::AddUnique { table: table(), unique: (*u).clone() }));

    let mut checks = Pairs::of(&old.checks, &new.checks, |a, b| a.expr == b.expr && (!a.valid || b.valid));
    let renamed = rename_constraints(&mut checks, new, dialect, found);
    let validated = checks.kept.iter().chain(&renamed).filter(|(old, new)| !old.valid && new.valid);
    found.extend(validated.map(|(_, new)| Operation::ValidateCheck { table: table(), check: (*new).clone() }));
    found.extend(checks.gone.iter().map(|c| Operation::DropCheck { table: table(), check: (*c).clone() }));
    found.extend(checks.new.iter().map(|c| Operation::AddCheck { table: table(), check: (*c).clone() }));

    let mut excludes = Pairs::of(&old.excludes, &new.excludes, |a, b| a.halves() == b.halves());
    rename_constraints(&mut excludes, new, dialect, found);
    found.extend(excludes.gone.iter().map(|e| Operation::DropExclude { table: table(), exclude: (*e).clone() }));
    found.extend(excludes.new.iter().map(|e| Operation::AddExclude { table: table(), exclude: (*e).clone() }));
}

fn diff_foreign_keys(old: &Table, new: &Table, from: &Catalog, to: &Catalog, found: &mut Vec<Operation>) {
    let table = || new.name.clone();
    let same = |a: &ForeignKey, b: &ForeignKey| same_foreign_key(a, b, from, to) && (!a.valid || b.valid);
    let mut keys = Pairs::of(&old.foreign_keys, &new.foreign_keys, same);
    let renamed = rename_constraints(&mut keys, new, to.dialect, found);
    let validated = keys.kept.iter().chain(&renamed).filter(|(old, new)| !old.valid && new.valid);
    found.extend(validated.map(|(_, new)| Operation::ValidateForeignKey { table: table(), key: (*new).clone() }));
    found.extend(keys.gone.iter().map(|k| Operation::DropForeignKey { table: table(), key: (*k).clone() }));
    found.extend(keys.new.iter().map(|k| Operation::AddForeignKey { table: table(), key: (*k).clone() }));
}

/// Adds the operations that lead from one set of indexes of a table or view to the other.
pub(super) fn diff_indexes(old: &[Index], new: &[Index], table: &Name, found: &mut Vec<Operation>) {
    let mut indexes = Pairs::of(old, new, Index::is_like);
    for (from, index) in indexes.renamed() {
        let (from, index) = (from.name.clone(), index.clone());
        found.push(Operation::RenameIndex { table: table.clone(), from, index });
    }
    found.extend(indexes.gone.iter().map(|i| Operation::DropIndex { table: table.clone(), index: (*i).clone() }));
    found.extend(indexes.new.iter().map(|i| Operation::CreateIndex { table: table.clone(), index: (*i).clone() }));
}

/// How many columns at the beginning are the same in both: nearly always all but those that a revision is
/// about, and the others are looked for by their names.
fn same_columns(old: &Table, new: &Table) -> usize {
    // What says nothing of its collation follows the table's.
    if old.options.collation != new.options.collation {
        return 0;
    }
    old.columns_alike(new)
}

fn diff_columns(old: &Table, new: &Table, dialect: Dialect, answers: &Answers, found: &mut Vec<Operation>) {
    let same = same_columns(old, new);
    for column in &new.columns[same..] {
        let at = (new.name.clone(), column.name.clone());
        match old.column(&column.name, dialect) {
            None => {
                let (column, fill) = (Column::clone(column), answers.fills.get(&at).cloned());
                found.push(Operation::AddColumn { table: new.name.clone(), column, fill });
            }
            Some(before) => {
                let known = found.len();
                diff_column(before, column, new, answers, found);
                if found.len() == known && follows_table(before, column, old, new) {
                    let (from, to) = (before.clone(), Column::clone(column));
                    found.push(Operation::AlterColumnKind { table: new.name.clone(), from, to });
                }
            }
        }
    }
    for column in old.columns[same..].iter().filter(|c| new.column(&c.name, dialect).is_none()) {
        found.push(Operation::DropColumn { table: new.name.clone(), column: Column::clone(column) });
    }
}

/// MySQL: with another collation of the table, the columns that are there keep the one that they have
/// (MySQL manual, ALTER TABLE, Changing the Character Set), unless they are told again to follow it.
fn follows_table(before: &Column, after: &Column, old: &Table, new: &Table) -> bool {
    let (from, to) = (&old.options.collation, &new.options.collation);
    from.is_some() && to.is_some() && from != to && mysql::is_text(&after.ty) && {
        before.collation.is_none() && after.collation.is_none()
    }
}

fn diff_column(before: &Column, after: &Column, table: &Table, answers: &Answers, found: &mut Vec<Operation>) {
    let name = || table.name.clone();
    let at = (table.name.clone(), after.name.clone());
    if before.ty != after.ty {
        let using = answers.using.get(&at).cloned();
        found.push(Operation::AlterType { table: name(), from: before.clone(), to: after.clone(), using });
    }
    if before.generated != after.generated
        || !same_auto(before, after)
        || (&before.charset, &before.collation) != (&after.charset, &after.collation)
        || before.on_update != after.on_update
        || before.check != after.check
    {
        found.push(Operation::AlterColumnKind { table: name(), from: before.clone(), to: after.clone() });
    }
    if before.default != after.default {
        found.push(Operation::AlterDefault { table: name(), from: before.clone(), to: after.clone() });
    }
    match (before.nullable, after.nullable) {
        (true, false) => {
            let fill = answers.fills.get(&at).cloned();
            found.push(Operation::SetNotNull { table: name(), column: after.clone(), fill });
        }
        (false, true) => found.push(Operation::DropNotNull { table: name(), column: after.clone() }),
        _ => {}
    }
}

/// The sequence behind a serial column is an implementation detail.
fn same_auto(a: &Column, b: &Column) -> bool {
    match (&a.auto, &b.auto) {
        (Some(AutoValue::Serial { .. }), Some(AutoValue::Serial { .. })) => true,
        (a, b) => a == b,
    }
}

fn same_names(a: &[String], b: &[String], dialect: Dialect) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| dialect.same_name(a, b))
}

fn diff_primary_key(old: &Table, new: &Table, dialect: Dialect, found: &mut Vec<Operation>) {
    if same_names(old.key_columns(), new.key_columns(), dialect) {
        let name = |table: &Table| table.primary_key.as_ref().and_then(|key| key.name.clone());
        if let (Some(from), Some(to), Dialect::Postgres) = (name(old), name(new), dialect)
            && from != to
        {
            found.push(Operation::RenameConstraint { table: new.name.clone(), from, to });
        }
        return;
    }
    if let Some(key) = &old.primary_key {
        found.push(Operation::DropPrimaryKey { table: new.name.clone(), key: key.clone() });
    }
    if let Some(key) = &new.primary_key {
        found.push(Operation::AddPrimaryKey { table: new.name.clone(), key: key.clone() });
    }
}

fn same_unique(a: &Unique, b: &Unique, dialect: Dialect) -> bool {
    same_names(&a.columns, &b.columns, dialect)
        && a.nulls_not_distinct == b.nulls_not_distinct
        && a.deferrable == b.deferrable
}

fn same_foreign_key(a: &ForeignKey, b: &ForeignKey, from: &Catalog, to: &Catalog) -> bool {
    let columns = |key: &ForeignKey| -> Vec<String> {
        if !key.ref_columns.is_empty() {
            return key.ref_columns.clone();
        }
        let target = to.table(&key.references).or_else(|| from.table(&key.references));
        target.map(|t| t.key_columns().to_vec()).unwrap_or_default()
    };
    same_names(&a.columns, &b.columns, to.dialect)
        && a.references.same(&b.references, to.dialect)
        && same_names(&columns(a), &columns(b), to.dialect)
        && (a.on_delete, a.on_update, a.deferrable) == (b.on_delete, b.on_update, b.deferrable)
}

/// `server` where one of both texts was written by the server. Where rows are written while a table
/// changes, a trigger whose function changes too goes before and comes back after: in between it would
/// call the old function, which knows the columns by their old names and types.
fn diff_triggers(old: &Table, new: &Table, catalogs: (&Catalog, &Catalog), server: bool, found: &mut Vec<Operation>) {
    let same_text = |a: &str, b: &str| match server {
        true => postgres::trigger(a) == postgres::trigger(b),
        false => Expr::new(a) == Expr::new(b),
    };
    let has = |is_it: fn(&Operation) -> bool| found.iter().any(|one| one.table() == Some(&new.name) && is_it(one));
    let is_written = has(|operation| match operation {
        Operation::AddColumn { column, .. } => !column.fills_itself(),
        operation => matches!(operation, Operation::SetNotNull { .. }),
    });
    let is_other =
        |operation: &Operation| matches!(operation, Operation::RenameColumn { .. } | Operation::AlterType { .. });
    let goes = is_written && has(is_other);
    let (from, to) = catalogs;
    let calls_other =
        |trigger: &Trigger| trigger.function.as_ref().is_some_and(|name| !function_stays(name, from, to, server));
    let same = |a: &Trigger, b: &Trigger| a.name == b.name && same_text(&a.sql, &b.sql) && !(goes && calls_other(b));
    let pairs = Pairs::of(&old.triggers, &new.triggers, same);
    let table = || new.name.clone();
    found.extend(pairs.gone.iter().map(|t| Operation::DropTrigger { table: table(), trigger: (*t).clone() }));
    found.extend(pairs.new.iter().map(|t| Operation::CreateTrigger { table: table(), trigger: (*t).clone() }));
}

fn diff_comments(old: &Table, new: &Table, dialect: Dialect, found: &mut Vec<Operation>) {
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        found.push(Operation::SetComment { table: new.name.clone(), column: None, from, to });
    }
    for column in &new.columns[same_columns(old, new)..] {
        let before = old.column(&column.name, dialect).and_then(|c| c.comment.clone());
        if before != column.comment {
            let (name, to) = (Some(column.name.clone()), column.comment.clone());
            found.push(Operation::SetComment { table: new.name.clone(), column: name, from: before, to });
        }
    }
}
