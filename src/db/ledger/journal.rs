//! The journal: which statements of a step are done, where no transaction holds all of them. A row
//! is written in the transaction of the statements that it is about, or before a statement that
//! commits by itself, with the evidence by which the next run tells whether it landed. What the
//! evidence means is known to [`crate::runner`].

use serde::Deserialize;

use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;

const JOURNAL_TABLE: &str = "__ops_migrate_journal";

/// What is known about one unit of a step: statements that are done together or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// Counted from 0.
    pub unit: usize,
    /// `false`: it was begun, and nobody told how it ended.
    pub done: bool,
    pub text_hash: String,
    /// What was seen before the statement ran.
    pub evidence: Option<String>,
    /// The beginning of its text.
    pub statement: String,
}

/// The journal of one step. Its name is qualified: a text may change the session's schema.
pub(crate) struct Journal {
    table: String,
    ledger_id: String,
}

impl Journal {
    /// The journal of a ledger's row.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn of(db: &mut Database, ledger_id: i64) -> Result<Self> {
        let schema = match db.dialect() {
            Dialect::Sqlite => Some("main".to_owned()),
            Dialect::Postgres => db.text("SELECT quote_ident(current_schema()) AS row", &[])?,
            Dialect::Mysql => db.text("SELECT concat('`', replace(database(), '`', '``'), '`') AS `row`", &[])?,
        };
        let table = schema.map_or_else(|| JOURNAL_TABLE.to_owned(), |schema| format!("{schema}.{JOURNAL_TABLE}"));
        Ok(Self { table, ledger_id: ledger_id.to_string() })
    }

    /// What it says, in the order of the units.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn rows(&self, db: &mut Database) -> Result<Vec<Row>> {
        let Self { table, ledger_id } = self;
        let (object, row) = match db.dialect() {
            Dialect::Sqlite => {
                (object("json_object", "json(CASE state WHEN 'done' THEN 'true' ELSE 'false' END)"), "row")
            }
            Dialect::Postgres => (object("json_build_object", "state = 'done'") + "::text", "row"),
            Dialect::Mysql => {
                (object("json_object", "json_extract(IF(state = 'done', 'true', 'false'), '$')"), "`row`")
            }
        };
        db.rows(&format!("SELECT {object} AS {row} FROM {table} WHERE ledger_id = {ledger_id} ORDER BY unit"), &[])
    }

    /// Writes a unit's row, instead of one that is there.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn write(&self, db: &mut Database, row: &Row) -> Result<()> {
        self.forget(db, row.unit)?;
        let Self { table, ledger_id } = self;
        let (unit, state) = (row.unit, if row.done { "done" } else { "started" });
        db.execute_with(
            &format!(
                "INSERT INTO {table} (ledger_id, unit, state, text_hash, evidence, statement)
                 VALUES ({ledger_id}, {unit}, '{state}', $1, $2, $3)"
            ),
            &[Some(&row.text_hash), row.evidence.as_deref(), Some(&row.statement)],
        )?;
        Ok(())
    }

    /// A unit that was begun is done.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn done(&self, db: &mut Database, unit: usize) -> Result<()> {
        let Self { table, ledger_id } = self;
        db.execute_with(
            &format!("UPDATE {table} SET state = 'done' WHERE ledger_id = {ledger_id} AND unit = {unit}"),
            &[],
        )?;
        Ok(())
    }

    /// A unit that was begun left nothing.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub(crate) fn forget(&self, db: &mut Database, unit: usize) -> Result<()> {
        let Self { table, ledger_id } = self;
        db.execute_with(&format!("DELETE FROM {table} WHERE ledger_id = {ledger_id} AND unit = {unit}"), &[])?;
        Ok(())
    }
}

fn object(function: &str, done: &str) -> String {
    format!(
        "{function}('unit', unit, 'done', {done}, 'text_hash', text_hash, 'evidence', evidence, 'statement', statement)"
    )
}
