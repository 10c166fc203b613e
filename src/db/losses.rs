//! What operations would destroy of a database's present contents: the rows of tables that go, the
//! values of columns that go, the values that do not fit a new type. Counted by questions alone,
//! before anything runs. Which operations, and what follows from a loss, is decided by others.

mod misfit;

use std::collections::BTreeMap;

use serde::Serialize;

use self::misfit::misfit;
use super::Database;
use crate::catalog::{Column, EnumType, Name};
use crate::dialect::Dialect;
use crate::operation::{Object, Operation};

/// How long a server counts for one answer, in seconds; then the number stays unknown.
const COUNT_SECONDS: u32 = 15;

/// Something that is destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// In words: "the rows of tags".
    pub what: String,
    /// How many rows it is about; `None` where that cannot be told beforehand.
    pub rows: Option<u64>,
}

impl Lost {
    /// Whether there is anything to lose.
    pub fn is_real(&self) -> bool {
        self.rows != Some(0)
    }

    /// With the number of rows, where it is known: "the rows of tags (3 rows)".
    pub fn describe(&self) -> String {
        match self.rows {
            None => self.what.clone(),
            Some(0) => format!("{} (none here)", self.what),
            Some(1) => format!("{} (1 row)", self.what),
            Some(rows) => format!("{} ({rows} rows)", self.what),
        }
    }
}

/// Follows the operations of a plan from one step to the next, since a table or column that an
/// earlier step renames still has its old name in the database.
pub struct Counter<'a> {
    db: &'a mut Database,
    /// By the name that holds in the plan, the one in the database; `None` for what the plan makes.
    tables: BTreeMap<Name, Option<Name>>,
    /// The same of columns, by the table's name in the database.
    columns: BTreeMap<(Name, String), Option<String>>,
}

impl Drop for Counter<'_> {
    fn drop(&mut self) {
        self.unlimit();
    }
}

impl<'a> Counter<'a> {
    /// Counts in this database, with a limit to the time of each answer.
    pub fn new(db: &'a mut Database) -> Self {
        // A server that takes no limit counts to the end.
        let _ = match db.dialect() {
            Dialect::Postgres => db.execute(&format!("SET statement_timeout = '{COUNT_SECONDS}s'")),
            Dialect::Mysql => db.execute(&format!("SET SESSION max_statement_time = {COUNT_SECONDS}")),
            Dialect::Sqlite => Ok(()),
        };
        Self { db, tables: BTreeMap::new(), columns: BTreeMap::new() }
    }

    /// What an operation destroys, also where that are no rows; `None` where it destroys nothing by
    /// its nature or what the plan itself has made.
    pub fn loss(&mut self, operation: &Operation) -> Option<Lost> {
        let lost = operation.loss().and_then(|loss| self.counted(loss.what, operation));
        self.follow(operation);
        lost
    }

    /// What else is asked of the connection has the time it needs.
    fn unlimit(&mut self) {
        let _ = match self.db.dialect() {
            Dialect::Postgres => self.db.execute("RESET statement_timeout"),
            Dialect::Mysql => self.db.execute("SET SESSION max_statement_time = DEFAULT"),
            Dialect::Sqlite => Ok(()),
        };
    }

    fn counted(&mut self, what: String, operation: &Operation) -> Option<Lost> {
        let rows = match operation {
            Operation::DropTable { table } => {
                let table = self.table(&table.name)?;
                self.db.count_rows(&table).ok()
            }
            Operation::DropColumn { table, column } | Operation::AlterColumnKind { table, from: column, .. } => {
                let (table, name) = self.column(table, &column.name)?;
                self.count_values(&table, &name, column)
            }
            Operation::AlterType { table, from, to, .. } => {
                let (table, name) = self.column(table, &from.name)?;
                self.count_misfits(&table, &name, from, to)
            }
            Operation::DropObject { object: Object::Sequence(sequence) } => {
                (self.has_counted(&sequence.name) == Some(false)).then_some(0)
            }
            Operation::RebuildEnum { from, to, columns, .. } => self.count_gone(from, to, columns),
            _ => None,
        };
        Some(Lost { what, rows })
    }

    /// Takes in what an operation does to names.
    fn follow(&mut self, operation: &Operation) {
        match operation {
            Operation::CreateTable { table } => {
                self.tables.insert(table.name.clone(), None);
            }
            Operation::RenameTable { from, to } => {
                let table = self.table(from);
                self.tables.insert(to.clone(), table);
            }
            Operation::AddColumn { table, column, .. } => {
                if let Some(table) = self.table(table) {
                    self.columns.insert((table, column.name.clone()), None);
                }
            }
            Operation::RenameColumn { table, from, to } => {
                if let Some(table) = self.table(table) {
                    let column = self.columns.get(&(table.clone(), from.clone())).cloned();
                    self.columns.insert((table, to.clone()), column.unwrap_or_else(|| Some(from.clone())));
                }
            }
            _ => {}
        }
    }

    fn table(&self, name: &Name) -> Option<Name> {
        self.tables.get(name).cloned().unwrap_or_else(|| Some(name.clone()))
    }

    fn column(&self, table: &Name, name: &str) -> Option<(Name, String)> {
        let key = (self.table(table)?, name.to_owned());
        match self.columns.get(&key) {
            Some(column) => column.clone().map(|column| (key.0, column)),
            None => Some(key),
        }
    }

    /// Rows with a value that is neither NULL nor the default. Types that cannot be compared, and
    /// defaults that a reader may not ask for (`nextval`), leave the values that are not NULL.
    fn count_values(&mut self, table: &Name, name: &str, column: &Column) -> Option<u64> {
        let dialect = self.db.dialect();
        let quoted = dialect.quote(name);
        let set = format!("{quoted} IS NOT NULL");
        let other = column.default.as_ref().map(|default| match dialect {
            Dialect::Postgres => format!("{set} AND {quoted} IS DISTINCT FROM ({default})"),
            Dialect::Sqlite => format!("{set} AND {quoted} IS NOT ({default})"),
            Dialect::Mysql => format!("{set} AND NOT ({quoted} <=> ({default}))"),
        });
        other.and_then(|condition| self.count(table, &condition)).or_else(|| self.count(table, &set))
    }

    fn count_misfits(&mut self, table: &Name, name: &str, from: &Column, to: &Column) -> Option<u64> {
        let dialect = self.db.dialect();
        let quoted = dialect.quote(name);
        let condition = misfit(&from.ty, &to.ty, &quoted, dialect);
        let counted = condition.and_then(|condition| self.count(table, &condition));
        // Which of them do not fit is seen only when it is done; without values none.
        counted.or_else(|| self.count(table, &format!("{quoted} IS NOT NULL")).filter(|count| *count == 0))
    }

    /// The rows with a value that the enum will not have any more.
    fn count_gone(&mut self, from: &EnumType, to: &EnumType, columns: &[(Name, String)]) -> Option<u64> {
        let dialect = self.db.dialect();
        let gone: Vec<_> = from.values.iter().filter(|v| !to.values.contains(v)).map(|v| dialect.literal(v)).collect();
        let mut count = 0;
        for (table, column) in columns {
            let Some((table, column)) = self.column(table, column) else { continue };
            let condition = format!("CAST({} AS TEXT) IN ({})", dialect.quote(&column), gone.join(", "));
            count += self.count(&table, &condition)?;
        }
        Some(count)
    }

    /// Whether a sequence has ever given a number.
    fn has_counted(&mut self, sequence: &Name) -> Option<bool> {
        let sql = format!("SELECT is_called::text AS row FROM {}", sequence.sql(self.db.dialect()));
        self.db.text(&sql, &[]).ok().flatten().map(|called| called == "true")
    }

    fn count(&mut self, table: &Name, condition: &str) -> Option<u64> {
        self.db.count(&format!("{} WHERE {condition}", table.sql(self.db.dialect()))).ok()
    }
}
