//! PostgreSQL: what stands in the way of a step. The server refuses to change or drop a column that
//! a view, a trigger or a generated column uses, a key that a foreign key needs, and it reads checks
//! and predicates again with the new type, which may not compare any more. All of that is dropped
//! before and made again after, as steps among the others, in their order.

use super::DIALECT;
use super::enums::used_at_once;
use crate::catalog::{
    Catalog, Column, Comment, Commented, ForeignKey, Index, IndexKey, Name, Policy, SqlType, Table, Trigger, View,
};
use crate::diff::{columns_of_type, in_order};
use crate::operation::{Object, Operation};
use crate::render::table::create_index;
use crate::render::text::mentions;
use crate::render::views::{dropped_views, step_aside};

/// The operations with everything that has to make way for them; `renamed` is the catalog before,
/// with the renames done.
pub(in crate::render) fn steps(operations: &[Operation], renamed: &Catalog, to: &Catalog) -> Vec<Operation> {
    let mut steps = Steps { renamed, to, operations: operations.to_vec() };
    steps.rebuild_enums();
    for operation in steps.operations.clone() {
        steps.make_way(&operation);
    }
    steps.views();
    steps.comments();
    in_order(steps.operations, renamed, to)
}

/// Whether a change makes the column anew: what it is computed by cannot be altered (before
/// version 17), and neither can its type.
pub(super) fn is_remade(from: &Column, to: &Column) -> bool {
    to.generated.is_some() && (from.generated != to.generated || from.ty != to.ty || from.collation != to.collation)
}

/// What happens to a column that others use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It gets another type that compares with the same things as the old one.
    Like,
    /// It gets a type for which expressions have to be read anew.
    Other,
    /// It goes and comes back.
    Remade,
    Gone,
}

struct Steps<'a> {
    renamed: &'a Catalog,
    to: &'a Catalog,
    operations: Vec<Operation>,
}

impl<'a> Steps<'a> {
    /// A value that was added cannot be used in the same transaction, that of a new type can.
    fn rebuild_enums(&mut self) {
        for name in used_at_once(&self.operations) {
            let (Some(from), Some(to)) = (self.renamed.enums.get(&name), self.to.enums.get(&name)) else { continue };
            self.operations.retain(|o| !matches!(o, Operation::AddEnumValue { name: of, .. } if *of == name));
            let columns = columns_of_type(&name, self.to);
            let (from, to) = (from.clone(), to.clone());
            self.operations.push(Operation::RebuildEnum { from, to, columns, rows: Default::default() });
        }
    }

    fn make_way(&mut self, operation: &Operation) {
        match operation {
            Operation::AlterType { table, from, to, .. } if is_remade(from, to) => {
                self.operations.retain(|o| o != operation);
                let kind = Operation::AlterColumnKind { table: table.clone(), from: from.clone(), to: to.clone() };
                if !self.operations.contains(&kind) {
                    self.operations.push(kind);
                    self.column(table, &to.name, Fate::Remade);
                }
            }
            Operation::AlterType { table, from, to, .. } => {
                let fate = if compare_alike(&from.ty, &to.ty) { Fate::Like } else { Fate::Other };
                self.column(table, &to.name, fate);
            }
            Operation::AlterColumnKind { table, from, to } if is_remade(from, to) => {
                self.column(table, &to.name, Fate::Remade);
            }
            Operation::AlterColumnKind { table, from, to } if from.collation != to.collation => {
                self.column(table, &to.name, Fate::Like);
            }
            Operation::DropColumn { table, column } => self.column(table, &column.name, Fate::Gone),
            Operation::RebuildEnum { from, .. } => self.type_of_columns(&from.name),
            Operation::ChangeObject { from: Object::Domain(from), to: Object::Domain(to) } if from.base != to.base => {
                self.type_of_columns(&from.name);
            }
            Operation::DropObject { object: Object::Function(function) } => self.function(&function.name),
            Operation::DropPrimaryKey { table, key } => self.referenced(table, &key.columns),
            Operation::DropUnique { table, unique } => self.referenced(table, &unique.columns),
            Operation::DropIndex { table, index } if index.unique => {
                let columns: Vec<String> = index.columns().map(ToOwned::to_owned).collect();
                self.referenced(table, &columns);
            }
            _ => {}
        }
    }

    /// Every column of a type that is made anew.
    fn type_of_columns(&mut self, name: &Name) {
        for (table, column) in columns_of_type(name, self.renamed) {
            let is_generated = self
                .renamed
                .table(&table)
                .and_then(|t| t.column(&column, DIALECT))
                .is_some_and(|c| c.generated.is_some());
            if is_generated {
                self.regenerate(&table, &column);
            } else {
                self.column(&table, &column, Fate::Other);
            }
        }
    }

    /// What uses a column of a table that stays.
    fn column(&mut self, table: &Name, column: &str, fate: Fate) {
        let (Some(before), Some(after)) = (self.renamed.table(table), self.to.table(table)) else { return };
        let generated = before.columns.iter().filter(|c| c.name != column);
        for one in generated.filter(|c| c.generated.as_ref().is_some_and(|g| names(&g.expr.sql, column))) {
            self.regenerate(table, &one.name);
        }
        for trigger in before.triggers.iter().filter(|t| names(condition(t), column)) {
            self.trigger(after, trigger);
        }
        self.policies(before, after, column);
        if matches!(fate, Fate::Other | Fate::Remade) {
            self.constraints(before, after, column, fate);
            self.indexes(before, after, column, fate);
            self.foreign_keys(fate, |from, key| from.name == *table && has(&key.columns, column));
            self.foreign_keys(Fate::Other, |_, key| key.references == *table && has(&key.ref_columns, column));
        }
        if fate == Fate::Remade {
            self.comment(after, column);
        }
    }

    /// A generated column whose sources change goes before and comes back after.
    fn regenerate(&mut self, table: &Name, column: &str) {
        let before = self.renamed.table(table).and_then(|t| t.column(column, DIALECT));
        let after = self.to.table(table).and_then(|t| t.column(column, DIALECT));
        let (Some(before), Some(after)) = (before, after) else { return };
        let drop = Operation::DropColumn { table: table.clone(), column: before.clone() };
        if self.operations.contains(&drop) {
            return;
        }
        let stays = |o: &Operation| {
            !matches!(o, Operation::AlterType { table: of, to, .. } | Operation::AlterColumnKind { table: of, to, .. }
                if of == table && to.name == column)
        };
        self.operations.retain(stays);
        self.operations.push(drop);
        self.operations.push(Operation::AddColumn { table: table.clone(), column: after.clone(), fill: None });
        self.column(table, column, Fate::Remade);
    }

    fn policies(&mut self, before: &Table, after: &Table, column: &str) {
        let texts = |policy: &Policy| [policy.using.clone(), policy.check.clone()].into_iter().flatten();
        for policy in before.policies.iter().filter(|p| texts(p).any(|expr| names(&expr.sql, column))) {
            let of = |policy: &Policy| (before.name.clone(), policy.clone());
            let again = after.policies.iter().find(|p| p.name == policy.name).map(|policy| {
                let (table, policy) = of(policy);
                Operation::CreatePolicy { table, policy }
            });
            let (table, policy) = of(policy);
            self.detach(Operation::DropPolicy { table, policy }, again, None, Fate::Other);
        }
    }

    fn constraints(&mut self, before: &Table, after: &Table, column: &str, fate: Fate) {
        let table = || before.name.clone();
        for check in before.checks.iter().filter(|c| names(&c.expr.sql, column)) {
            let again = after.checks.iter().find(|c| c.expr == check.expr);
            let again = again.map(|check| Operation::AddCheck { table: table(), check: check.clone() });
            self.detach(
                Operation::DropCheck { table: table(), check: check.clone() },
                again,
                check.name.as_deref(),
                fate,
            );
        }
        for exclude in before.excludes.iter().filter(|e| names(&e.text.sql, column)) {
            let again = after.excludes.iter().find(|e| e.text == exclude.text);
            let again = again.map(|exclude| Operation::AddExclude { table: table(), exclude: exclude.clone() });
            let drop = Operation::DropExclude { table: table(), exclude: exclude.clone() };
            self.detach(drop, again, exclude.name.as_deref(), fate);
        }
        if fate != Fate::Remade {
            return;
        }
        for unique in before.uniques.iter().filter(|u| has(&u.columns, column)) {
            let again = after.uniques.iter().find(|u| u.columns == unique.columns);
            let again = again.map(|unique| Operation::AddUnique { table: table(), unique: unique.clone() });
            let drop = Operation::DropUnique { table: table(), unique: unique.clone() };
            self.detach(drop, again, unique.name.as_deref(), fate);
            self.referenced(&before.name, &unique.columns);
        }
    }

    fn indexes(&mut self, before: &Table, after: &Table, column: &str, fate: Fate) {
        let uses = |index: &&Index| {
            if fate == Fate::Remade { in_index(index, column) } else { compares(index, column) }
        };
        let table = || before.name.clone();
        for index in before.indexes.iter().filter(uses) {
            let unnamed = |index: &Index| Index { name: String::new(), ..index.clone() };
            let again = after.indexes.iter().find(|i| i.name == index.name || unnamed(i) == unnamed(index));
            let again = again.map(|index| Operation::CreateIndex { table: table(), index: index.clone() });
            self.operations.retain(|o| !matches!(o, Operation::RenameIndex { from, .. } if *from == index.name));
            self.detach(Operation::DropIndex { table: table(), index: index.clone() }, again, None, fate);
        }
    }

    /// Foreign keys to a key that goes.
    fn referenced(&mut self, table: &Name, columns: &[String]) {
        let primary = self.renamed.table(table).map_or(&[][..], |t| t.key_columns());
        let same_set = |a: &[String]| a.len() == columns.len() && a.iter().all(|one| has(columns, one));
        self.foreign_keys(Fate::Other, |_, key| {
            let target = if key.ref_columns.is_empty() { primary } else { &key.ref_columns };
            key.references == *table && same_set(target)
        });
    }

    fn foreign_keys(&mut self, fate: Fate, wanted: impl Fn(&Table, &ForeignKey) -> bool) {
        let renamed = self.renamed;
        for table in renamed.tables.values() {
            // One that goes later has its foreign keys until then.
            let after = self.to.table(&table.name);
            for key in table.foreign_keys.iter().filter(|key| wanted(table, key)) {
                let same = |k: &&ForeignKey| k.columns == key.columns && k.references == key.references;
                let again = after.and_then(|table| table.foreign_keys.iter().find(same));
                let of = || table.name.clone();
                let again = again.map(|key| Operation::AddForeignKey { table: of(), key: key.clone() });
                let drop = Operation::DropForeignKey { table: of(), key: key.clone() };
                self.detach(drop, again, key.name.as_deref(), fate);
            }
        }
    }

    fn trigger(&mut self, after: &Table, trigger: &Trigger) {
        let table = || after.name.clone();
        let again = after.triggers.iter().find(|t| t.name == trigger.name);
        let again = again.map(|trigger| Operation::CreateTrigger { table: table(), trigger: trigger.clone() });
        self.detach(Operation::DropTrigger { table: table(), trigger: trigger.clone() }, again, None, Fate::Other);
    }

    /// Triggers that call a function which goes.
    fn function(&mut self, name: &Name) {
        let bare = bare(name);
        for table in self.to.tables.values() {
            let Some(before) = self.renamed.table(&table.name) else { continue };
            for trigger in before.triggers.iter().filter(|t| t.function.as_ref() == Some(&bare)) {
                self.trigger(table, trigger);
            }
        }
    }

    fn comment(&mut self, after: &Table, column: &str) {
        let comment = after.column(column, DIALECT).and_then(|c| c.comment.clone());
        let is_there = |o: &Operation| matches!(o, Operation::SetComment { table, column: Some(of), .. } if *table == after.name && of == column);
        if comment.is_some() && !self.operations.iter().any(is_there) {
            let (table, column) = (after.name.clone(), Some(column.to_owned()));
            self.operations.push(Operation::SetComment { table, column, from: None, to: comment });
        }
    }

    /// Drops a part and makes it again, under its new name where it has one; nothing where it goes
    /// anyway. A column that is remade takes its parts along.
    fn detach(&mut self, drop: Operation, again: Option<Operation>, name: Option<&str>, fate: Fate) {
        if self.operations.contains(&drop) {
            return;
        }
        let renames = |o: &Operation| {
            matches!(o, Operation::RenameConstraint { table, from, .. }
                if Some(table) == drop.table() && Some(from.as_str()) == name)
        };
        // What is made again looks at its rows then.
        let validates = |o: &Operation| match (o, &again) {
            (Operation::ValidateCheck { table, check }, Some(Operation::AddCheck { table: of, check: added })) => {
                table == of && check == added
            }
            (
                Operation::ValidateForeignKey { table, key },
                Some(Operation::AddForeignKey { table: of, key: added }),
            ) => table == of && key == added,
            _ => false,
        };
        self.operations.retain(|o| !renames(o) && !validates(o));
        let again = again.filter(|again| !self.operations.contains(again));
        if fate != Fate::Remade {
            self.operations.push(drop);
        }
        self.operations.extend(again);
    }

    /// What is made anew gets its comment again.
    fn comments(&mut self) {
        let made = |on: &Commented| self.operations.iter().any(|operation| makes(operation, on));
        let again = self.to.comments.iter().filter(|comment| made(&comment.on));
        let again: Vec<Operation> = again
            .map(|Comment { on, text }| Operation::Comment { on: on.clone(), from: None, to: Some(text.clone()) })
            .collect();
        let is_on = |operation: &Operation, other: &Operation| matches!((operation, other), (Operation::Comment { on: a, .. }, Operation::Comment { on: b, .. }) if a == b);
        self.operations.retain(|operation| !again.iter().any(|one| is_on(operation, one)));
        self.operations.extend(again);
    }

    /// Views that use what changes, and those that use them.
    fn views(&mut self) {
        let mut gone = dropped_views(&self.operations);
        let changed = self.changed_columns();
        let dropped: Vec<&Name> = self.operations.iter().filter_map(dropped_table).collect();
        let functions: Vec<String> = self.operations.iter().filter_map(dropped_function).collect();
        let uses = |view: &&View| {
            changed.iter().any(|(table, column)| {
                view.depends_on.contains(table) && (names(&view.sql, column) || view.sql.contains('*'))
            }) || dropped.iter().any(|table| view.depends_on.contains(*table))
                || functions.iter().any(|function| names(&view.sql, function))
        };
        gone.extend(self.renamed.views.values().filter(uses).map(|view| view.name.clone()));
        step_aside(gone, &mut self.operations, self.renamed, self.to);
    }

    fn changed_columns(&self) -> Vec<(Name, String)> {
        let mut changed = Vec::new();
        for operation in &self.operations {
            match operation {
                Operation::AlterType { table, to: column, .. } | Operation::DropColumn { table, column } => {
                    changed.push((table.clone(), column.name.clone()));
                }
                Operation::AlterColumnKind { table, from, to }
                    if is_remade(from, to) || from.collation != to.collation =>
                {
                    changed.push((table.clone(), to.name.clone()));
                }
                Operation::RebuildEnum { from, .. } => changed.extend(columns_of_type(&from.name, self.renamed)),
                Operation::ChangeObject { from: Object::Domain(from), to: Object::Domain(to) }
                    if from.base != to.base =>
                {
                    changed.extend(columns_of_type(&from.name, self.renamed));
                }
                _ => {}
            }
        }
        changed
    }
}

/// Whether an operation makes what has a comment.
fn makes(operation: &Operation, on: &Commented) -> bool {
    let named = |given: &Option<String>, name: &String| given.as_ref() == Some(name);
    match (operation, on) {
        (Operation::CreateObject { object: Object::Function(new) }, Commented::Function(name)) => new.name == *name,
        (Operation::CreateObject { object: Object::Domain(new) }, Commented::Domain(name)) => new.name == *name,
        (Operation::ChangeObject { from: Object::Domain(from), to: Object::Domain(to) }, Commented::Domain(name)) => {
            to.name == *name && from.base != to.base
        }
        (Operation::CreateObject { object: Object::Sequence(new) }, Commented::Sequence(name)) => new.name == *name,
        (Operation::CreateIndex { table, index }, Commented::Index(name)) => {
            table.with_name(index.name.clone()) == *name
        }
        (Operation::CreateObject { object: Object::View(view) }, Commented::Index(name)) => {
            view.indexes.iter().any(|index| view.name.with_name(index.name.clone()) == *name)
        }
        (Operation::AddPrimaryKey { table, key }, Commented::Constraint(of, name)) => {
            table == of && named(&key.name, name)
        }
        (Operation::AddUnique { table, unique }, Commented::Constraint(of, name)) => {
            table == of && named(&unique.name, name)
        }
        (Operation::AddForeignKey { table, key }, Commented::Constraint(of, name)) => {
            table == of && named(&key.name, name)
        }
        (Operation::AddCheck { table, check }, Commented::Constraint(of, name)) => {
            table == of && named(&check.name, name)
        }
        (Operation::AddExclude { table, exclude }, Commented::Constraint(of, name)) => {
            table == of && named(&exclude.name, name)
        }
        (Operation::CreateTrigger { table, trigger }, Commented::Trigger(of, name)) => {
            table == of && trigger.name == *name
        }
        (Operation::CreatePolicy { table, policy }, Commented::Policy(of, name)) => table == of && policy.name == *name,
        _ => false,
    }
}

fn dropped_table(operation: &Operation) -> Option<&Name> {
    match operation {
        Operation::DropTable { table } => Some(&table.name),
        _ => None,
    }
}

fn dropped_function(operation: &Operation) -> Option<String> {
    match operation {
        Operation::DropObject { object: Object::Function(function) } => Some(bare(&function.name).name),
        _ => None,
    }
}

/// A function's name without its arguments.
fn bare(name: &Name) -> Name {
    name.with_name(name.name.split('(').next().unwrap_or_default())
}

fn names(sql: &str, column: &str) -> bool {
    mentions(sql, column, DIALECT)
}

fn has(columns: &[String], column: &str) -> bool {
    columns.iter().any(|c| c == column)
}

/// The part of a trigger's statement that can name columns.
fn condition(trigger: &Trigger) -> &str {
    let end = trigger.sql.to_ascii_lowercase().rfind("execute").unwrap_or(trigger.sql.len());
    &trigger.sql[..end]
}

/// Whether an index has a column in any of its parts.
fn in_index(index: &Index, column: &str) -> bool {
    // The names of the index and the table may be that of the column.
    let unnamed = Index { name: "_".to_owned(), ..index.clone() };
    names(&create_index(&Name::new("_"), &unnamed, DIALECT), column)
}

/// Whether an index says how a column compares: in an expression, in its predicate, by a class.
fn compares(index: &Index, column: &str) -> bool {
    let part = index.parts.iter().any(|part| match &part.key {
        IndexKey::Expr(expr) => names(&expr.sql, column),
        IndexKey::Column(name) => name == column && (part.operator_class.is_some() || part.collation.is_some()),
    });
    part || index.predicate.as_ref().is_some_and(|predicate| names(&predicate.sql, column))
}

/// Whether what compares with one type compares with the other without being read again.
fn compare_alike(a: &SqlType, b: &SqlType) -> bool {
    const NUMBERS: [&str; 4] = ["smallint", "integer", "bigint", "numeric"];
    const TEXTS: [&str; 2] = ["text", "character varying"];
    let both = |family: &[&str]| family.contains(&a.base.as_str()) && family.contains(&b.base.as_str());
    a.array == b.array && (a.base == b.base || both(&NUMBERS) || both(&TEXTS))
}
