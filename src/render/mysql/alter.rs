//! MySQL: everything that happens to one table that stays, as the clauses of as few ALTER TABLE
//! statements as its rows allow. The server makes a table anew at most once per statement, and each
//! statement commits by itself.

use super::DIALECT;
use super::definition::{add_foreign_key, column, index, unique};
use crate::catalog::{AutoValue, Column, Expr, ForeignKey, Name, Table, TableOptions};
use crate::error::{Error, Result};
use crate::operation::Operation;
use crate::render::context::Context;
use crate::render::table::{alter_table, check, primary_key};

/// What is to be done to one table.
pub(super) struct Changes<'a> {
    pub(super) table: Name,
    operations: Vec<&'a Operation>,
    /// Foreign keys that may go and come in the table's own statement.
    pub(super) drop_keys: Vec<ForeignKey>,
    pub(super) add_keys: Vec<ForeignKey>,
}

/// The clauses of one statement, in the order in which they are written.
#[derive(Default)]
struct Clauses {
    drops: Vec<String>,
    columns: Vec<String>,
    adds: Vec<String>,
}

impl Clauses {
    fn add(&mut self, other: Self) {
        self.drops.extend(other.drops);
        self.columns.extend(other.columns);
        self.adds.extend(other.adds);
    }

    fn into_statement(self, table: &Name) -> Option<String> {
        let clauses: Vec<String> = [self.drops, self.columns, self.adds].concat();
        (!clauses.is_empty()).then(|| alter_table(table, &clauses, DIALECT))
    }
}

/// What a table is beside its columns, as far as it can be said of one that is there. The columns keep
/// the character sets that they have.
fn options(to: &TableOptions) -> Vec<String> {
    let charset = to.charset.as_ref().map(|name| format!("DEFAULT CHARACTER SET = {name}"));
    let collation = to.collation.as_ref().map(|name| format!("DEFAULT COLLATE = {name}"));
    let engine = to.engine.as_ref().map(|name| format!("ENGINE = {name}"));
    engine.into_iter().chain(charset).chain(collation).collect()
}

impl<'a> Changes<'a> {
    pub(super) fn new(table: Name, operations: Vec<&'a Operation>) -> Self {
        Self { table, operations, drop_keys: Vec::new(), add_keys: Vec::new() }
    }

    /// Whether one of these columns changes, or a key that it is in.
    pub(super) fn touch(&self, columns: &[String]) -> bool {
        let is_among = |other: &str| columns.iter().any(|name| DIALECT.same_name(name, other));
        let among = |column: &Column| is_among(&column.name);
        let any_among = |names: &[String]| names.iter().any(|name| is_among(name));
        self.operations.iter().any(|operation| match operation {
            Operation::AddColumn { column, .. }
            | Operation::DropColumn { column, .. }
            | Operation::AlterType { to: column, .. }
            | Operation::AlterDefault { to: column, .. }
            | Operation::AlterColumnKind { to: column, .. }
            | Operation::SetNotNull { column, .. }
            | Operation::DropNotNull { column, .. } => among(column),
            Operation::AddPrimaryKey { key, .. } | Operation::DropPrimaryKey { key, .. } => any_among(&key.columns),
            Operation::AddUnique { unique, .. } | Operation::DropUnique { unique, .. } => any_among(&unique.columns),
            Operation::CreateIndex { index, .. } | Operation::DropIndex { index, .. } => index.columns().any(is_among),
            _ => false,
        })
    }

    /// All statements. Where rows need a value between two states of a column there are two ALTER
    /// TABLE with the UPDATE between them, else one.
    pub(super) fn statements(&self, context: &Context<'_>) -> Result<Vec<String>> {
        let mut last = Clauses::default();
        let (mut first, updates) = self.filled(context, &mut last)?;
        let (moved, mut using) = self.converted(context)?;
        let drops_check_first = !first.columns.is_empty();
        for operation in &self.operations {
            self.clause(operation, context, drops_check_first, &mut first, &mut last)?;
        }
        self.foreign_key_clauses(&mut last);
        last.add(self.superseded_keys(context));
        last.columns.splice(0..0, moved);
        let mut statements = Vec::new();
        statements.extend(first.into_statement(&self.table));
        statements.append(&mut using);
        statements.extend(updates);
        statements.extend(last.into_statement(&self.table));
        let losses: String = self.operations.iter().map(|operation| context.loss_comment(operation)).collect();
        if let Some(statement) = statements.last_mut() {
            statement.insert_str(0, &losses);
        }
        Ok(statements)
    }

    /// One operation as a clause of the last statement; checks go in the first one, if there is one,
    /// since the values between may break them.
    fn clause(
        &self,
        operation: &Operation,
        context: &Context<'_>,
        drops_check_first: bool,
        first: &mut Clauses,
        last: &mut Clauses,
    ) -> Result<()> {
        let name = |name: &Option<String>| {
            let unnamed = || Error::undecided(format!("a constraint of {} has no name in the catalog", self.table));
            name.as_ref().map(|name| DIALECT.quote(name)).ok_or_else(unnamed)
        };
        match operation {
            Operation::AddColumn { column: new, .. } => {
                if !self.is_filled(&new.name) {
                    last.columns.push(format!("ADD COLUMN {}", column(new)));
                } else if *new != bare(new) {
                    self.modify(&new.name, context, last)?;
                }
            }
            Operation::DropColumn { column, .. } => {
                last.drops.push(format!("DROP COLUMN {}", DIALECT.quote(&column.name)));
            }
            Operation::AlterType { from, to, .. }
            | Operation::AlterDefault { from, to, .. }
            | Operation::AlterColumnKind { from, to, .. } => {
                if !changes_storage(from, to) || self.is_filled(&to.name) {
                    return self.modify(&to.name, context, last);
                }
                let remade = self.remade(to, context)?;
                if !remade.columns.iter().all(|add| last.columns.contains(add)) {
                    last.add(remade);
                }
            }
            Operation::SetNotNull { column, .. } | Operation::DropNotNull { column, .. } => {
                self.modify(&column.name, context, last)?;
            }
            Operation::SetComment { column: Some(name), .. } => self.modify(name, context, last)?,
            Operation::SetComment { column: None, to, .. } => {
                last.adds.push(format!("COMMENT = {}", DIALECT.literal(to.as_deref().unwrap_or_default())));
            }
            Operation::AddPrimaryKey { key, .. } => {
                last.adds.push(format!("ADD {}", primary_key(&self.table, key, DIALECT)));
            }
            Operation::DropPrimaryKey { .. } => last.drops.push("DROP PRIMARY KEY".to_owned()),
            Operation::AddUnique { unique: new, .. } => last.adds.push(format!("ADD {}", unique(new))),
            Operation::DropUnique { unique, .. } => last.drops.push(format!("DROP KEY {}", name(&unique.name)?)),
            Operation::AddCheck { check: new, .. } => {
                let table = context.after(&self.table)?;
                last.adds.push(format!("ADD {}", check(table, new, DIALECT)));
            }
            Operation::DropCheck { check, .. } => {
                let target = if drops_check_first { first } else { last };
                target.drops.push(format!("DROP CONSTRAINT {}", name(&check.name)?));
            }
            Operation::CreateIndex { index: new, .. } => last.adds.push(format!("ADD {}", index(new))),
            Operation::DropIndex { index, .. } => last.drops.push(format!("DROP KEY {}", DIALECT.quote(&index.name))),
            Operation::RenameIndex { from, index, .. } => {
                last.adds.push(format!("RENAME KEY {} TO {}", DIALECT.quote(from), DIALECT.quote(&index.name)));
            }
            Operation::ChangeOptions { to, .. } => last.adds.extend(options(to)),
            Operation::AddExclude { .. } | Operation::DropExclude { .. } => {
                return Err(Error::undecided(format!("{DIALECT} has no exclusion constraints")));
            }
            Operation::CreatePolicy { .. } | Operation::DropPolicy { .. } => {
                return Err(Error::undecided(format!("{DIALECT} has no row security")));
            }
            Operation::CreateEnum { .. }
            | Operation::DropEnum { .. }
            | Operation::RenameEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::RebuildEnum { .. }
            | Operation::CreateTable { .. }
            | Operation::DropTable { .. }
            | Operation::RenameTable { .. }
            | Operation::RenameColumn { .. }
            | Operation::AddForeignKey { .. }
            | Operation::DropForeignKey { .. }
            | Operation::CreateTrigger { .. }
            | Operation::DropTrigger { .. }
            | Operation::CreateObject { .. }
            | Operation::DropObject { .. }
            | Operation::ChangeObject { .. }
            // Only PostgreSQL's differ makes these.
            | Operation::CommentEnum { .. }
            | Operation::Comment { .. }
            | Operation::RenameConstraint { .. }
            | Operation::ValidateCheck { .. }
            | Operation::ValidateForeignKey { .. } => {}
        }
        Ok(())
    }

    /// Indexes that stay, and that the server made for a foreign key: it would drop them without a word as
    /// soon as a new key begins with their columns (MySQL manual 15.1.24.5, Conditions and Restrictions).
    fn superseded_keys(&self, context: &Context<'_>) -> Clauses {
        let mut clauses = Clauses::default();
        let (Some(before), Ok(after)) = (context.original(&self.table), context.after(&self.table)) else {
            return clauses;
        };
        let begins = |key: &[&str], columns: &[&str]| key.starts_with(columns);
        let comes = |columns: &[&str]| {
            self.operations.iter().any(|operation| match operation {
                Operation::CreateIndex { index, .. } => begins(&index.columns().collect::<Vec<_>>(), columns),
                Operation::AddUnique { unique, .. } => {
                    begins(&unique.columns.iter().map(String::as_str).collect::<Vec<_>>(), columns)
                }
                _ => false,
            })
        };
        let is_implied = |of: &Table, name: &str| of.implied_indexes.iter().any(|own| DIALECT.same_name(own, name));
        for key in after.indexes.iter().filter(|key| is_implied(before, &key.name) && !is_implied(after, &key.name)) {
            let is_new =
                self.operations.iter().any(|o| matches!(o, Operation::CreateIndex { index, .. } if index == key));
            if !is_new && comes(&key.columns().collect::<Vec<_>>()) {
                clauses.drops.push(format!("DROP KEY {}", DIALECT.quote(&key.name)));
                clauses.adds.push(format!("ADD {}", index(key)));
            }
        }
        clauses
    }

    fn foreign_key_clauses(&self, last: &mut Clauses) {
        let drops = self.drop_keys.iter().map(drop_foreign_key);
        last.drops.splice(0..0, drops.collect::<Vec<_>>());
        last.adds.extend(self.add_keys.iter().map(|key| add_foreign_key(&self.table, key)));
    }

    /// The column's whole definition after the script, once.
    fn modify(&self, name: &str, context: &Context<'_>, last: &mut Clauses) -> Result<()> {
        let table = context.after(&self.table)?;
        let Some(after) = table.column(name, DIALECT) else {
            return Err(Error::undecided(format!("the schema after the change has no column {}.{name}", self.table)));
        };
        let clause = format!("MODIFY COLUMN {}", column(after));
        let remade = format!("ADD COLUMN {}", column(after));
        if !last.columns.contains(&clause) && !last.columns.contains(&remade) {
            last.columns.push(clause);
        }
        Ok(())
    }

    /// A column is neither made virtual nor ever stored afterwards in place (MariaDB error 1907): it is
    /// made anew, and with it the keys that it is in.
    fn remade(&self, new: &Column, context: &Context<'_>) -> Result<Clauses> {
        let mut clauses = Clauses::default();
        let is = |name: &str| DIALECT.same_name(name, &new.name);
        let table = context.after(&self.table)?;
        for key in table.uniques.iter().filter(|key| key.columns.iter().any(|name| is(name))) {
            let operation = Operation::AddUnique { table: self.table.clone(), unique: key.clone() };
            if !context.operations.contains(&operation) {
                clauses.drops.push(format!("DROP KEY {}", DIALECT.quote(key.name.as_deref().unwrap_or_default())));
                clauses.adds.push(format!("ADD {}", unique(key)));
            }
        }
        for key in table.indexes.iter().filter(|key| key.columns().any(is)) {
            let operation = Operation::CreateIndex { table: self.table.clone(), index: key.clone() };
            if !context.operations.contains(&operation) {
                clauses.drops.push(format!("DROP KEY {}", DIALECT.quote(&key.name)));
                clauses.adds.push(format!("ADD {}", index(key)));
            }
        }
        clauses.drops.push(format!("DROP COLUMN {}", DIALECT.quote(&new.name)));
        clauses.columns.push(format!("ADD COLUMN {}", column(new)));
        Ok(clauses)
    }

    /// New and tightened columns whose rows get a value: what the first statement does, and the
    /// UPDATEs behind it.
    fn filled(&self, context: &Context<'_>, last: &mut Clauses) -> Result<(Clauses, Vec<String>)> {
        let (mut first, mut updates) = (Clauses::default(), Vec::new());
        let mut whole: Vec<(&str, &Expr)> = Vec::new();
        for operation in &self.operations {
            match operation {
                Operation::AddColumn { column: new, fill: Some(fill), .. } if needs_fill(new, fill) => {
                    first.columns.push(format!("ADD COLUMN {}", column(&bare(new))));
                    whole.push((new.name.as_str(), fill));
                }
                Operation::SetNotNull { column: tightened, fill: Some(fill), .. }
                    if self.is_remade(&tightened.name) =>
                {
                    let Clauses { drops, columns, adds } = self.remade(&bare(tightened), context)?;
                    first.add(Clauses { drops, columns, adds: Vec::new() });
                    last.adds.extend(adds);
                    whole.push((tightened.name.as_str(), fill));
                }
                Operation::SetNotNull { column: tightened, fill: Some(fill), .. } => {
                    if self.is_plain_first(&tightened.name) {
                        first.columns.push(format!("MODIFY COLUMN {}", column(&bare(tightened))));
                    }
                    let filter = format!(" WHERE {} IS NULL", DIALECT.quote(&tightened.name));
                    updates.push(self.update(&[&tightened.name], &[fill], &filter, context));
                }
                _ => {}
            }
        }
        if !whole.is_empty() {
            let (names, fills): (Vec<&str>, Vec<&Expr>) = whole.into_iter().unzip();
            updates.insert(0, self.update(&names, &fills, "", context));
        }
        Ok((first, updates))
    }

    /// Columns whose old values become new ones by an expression: through a column beside it, since
    /// MODIFY knows only its own conversion. Returns clauses for the last statement, and those before.
    fn converted(&self, context: &Context<'_>) -> Result<(Vec<String>, Vec<String>)> {
        let (mut last, mut statements) = (Vec::new(), Vec::new());
        for operation in &self.operations {
            let Operation::AlterType { from, to, using: Some(using), .. } = operation else { continue };
            if only_maps(from, to) {
                let (table, column) = (self.table.sql(DIALECT), DIALECT.quote(&to.name));
                statements.push(format!("UPDATE {table} SET {column} = {using};"));
                continue;
            }
            if context.after(&self.table)?.key_columns().iter().any(|key| DIALECT.same_name(key, &to.name)) {
                let path = format!("{}.{}", self.table, to.name);
                return Err(Error::undecided(format!(
                    "{path} is of the primary key, whose values --using cannot convert"
                ))
                .hint("write the revision by hand: cargo ops-migrate create --empty \"…\""));
            }
            let beside = Column::new(format!("_ops_new_{}", to.name), to.ty.clone());
            let beside = Column { charset: to.charset.clone(), collation: to.collation.clone(), ..beside };
            let (old, new) = (DIALECT.quote(&to.name), DIALECT.quote(&beside.name));
            let before = Column { name: to.name.clone(), ..bare(from) };
            let table = self.table.sql(DIALECT);
            let add = [format!("ADD COLUMN {}", column(&beside)), format!("MODIFY COLUMN {}", column(&before))];
            statements.push(alter_table(&self.table, &add, DIALECT));
            // Assignments run from left to right, so the expression still sees the old value.
            statements.push(format!("UPDATE {table} SET {new} = {using}, {old} = NULL;"));
            statements.push(alter_table(&self.table, &[format!("MODIFY COLUMN {}", column(&bare(to)))], DIALECT));
            statements.push(format!("UPDATE {table} SET {old} = {new};"));
            last.push(format!("DROP COLUMN {new}"));
        }
        Ok((last, statements))
    }

    /// Whether rows are filled only where the column has its new type, or is a column at all: the rows of
    /// a generated one are nobody's to write.
    fn is_plain_first(&self, name: &str) -> bool {
        self.operations.iter().any(|operation| match operation {
            Operation::AlterType { to, using: None, .. } => to.name == name,
            Operation::AlterColumnKind { from, to, .. } => to.name == name && from.generated.is_some(),
            _ => false,
        })
    }

    fn is_filled(&self, name: &str) -> bool {
        self.operations.iter().any(|operation| match operation {
            Operation::AddColumn { column, fill: Some(fill), .. } => column.name == name && needs_fill(column, fill),
            Operation::SetNotNull { column, fill: Some(_), .. } => column.name == name && self.is_remade(name),
            _ => false,
        })
    }

    fn is_remade(&self, name: &str) -> bool {
        self.operations.iter().any(|operation| match operation {
            Operation::AlterType { from, to, .. } | Operation::AlterColumnKind { from, to, .. } => {
                to.name == name && changes_storage(from, to)
            }
            _ => false,
        })
    }

    /// An UPDATE that leaves the columns alone which the server would set to the time of it.
    fn update(&self, names: &[&str], fills: &[&Expr], filter: &str, context: &Context<'_>) -> String {
        let before = context.renamed.table(&self.table);
        let clocks = before.into_iter().flat_map(|table| &table.columns).filter(|column| column.on_update.is_some());
        let clocks = clocks.map(|column| DIALECT.quote(&column.name));
        let mut set: Vec<String> =
            names.iter().zip(fills).map(|(name, fill)| format!("{} = {fill}", DIALECT.quote(name))).collect();
        let kept = clocks.filter(|clock| !names.iter().any(|name| DIALECT.quote(name) == *clock));
        set.extend(kept.map(|clock| format!("{clock} = {clock}")));
        format!("UPDATE {} SET {}{filter};", self.table.sql(DIALECT), set.join(", "))
    }
}

/// Whether a column becomes virtual, or stops being so.
fn changes_storage(from: &Column, to: &Column) -> bool {
    let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|generated| !generated.stored);
    is_virtual(from) != is_virtual(to)
}

/// A column that takes any value of its type, NULL included, while its rows are filled.
fn bare(column: &Column) -> Column {
    Column { nullable: true, default: None, check: None, auto: None, ..column.clone() }
}

/// Whether the rows that exist get another value than the column's default.
fn needs_fill(column: &Column, fill: &Expr) -> bool {
    column.default.as_ref() != Some(fill) && column.generated.is_none() && column.auto != Some(AutoValue::Increment)
}

/// `DROP FOREIGN KEY …`.
pub(super) fn drop_foreign_key(key: &ForeignKey) -> String {
    format!("DROP FOREIGN KEY {}", DIALECT.quote(key.name.as_deref().unwrap_or_default()))
}

/// Whether values only become others that both types have: no column beside is needed.
fn only_maps(from: &Column, to: &Column) -> bool {
    let enums = from.ty.base == "enum" && to.ty.base == "enum";
    enums && to.ty.args.iter().all(|label| from.ty.args.contains(label))
}
