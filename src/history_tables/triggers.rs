//! What fills a history: the triggers of a table, for PostgreSQL with the function that they call.
//!
//! PostgreSQL: a trigger per statement with a transition table, so that a statement that changes many
//! rows writes their images in one INSERT; a partitioned table has a trigger per row, since what is
//! written to a partition by its own name is seen by that alone (PostgreSQL manual, CREATE TRIGGER).
//! TRUNCATE leaves no image, nor does what INSERT OR REPLACE takes away on SQLite
//! (sqlite.org/lang_conflict.html).
//! SQLite, MySQL and MariaDB have triggers per row only. On MySQL and MariaDB the actions of foreign
//! keys fire none (MySQL manual, FOREIGN KEY Constraints).
//!
//! Who: the setting `ops.user` (`SELECT set_config('ops.user', 'ada', true)`), the variable `@ops_user`, the row in
//! SQLite's `__ops_user`; else, where there is one, the user of the connection. The transaction: its
//! number on PostgreSQL; `@ops_transaction` or the number of that row; else a number that the rows of
//! one statement share, since MySQL and SQLite give no trigger the number of a transaction.

use ops_migrate_grammar::HISTORY_COLUMNS;

use crate::catalog::{Catalog, Function, Name, Table, Trigger};
use crate::dialect::{Dialect, object_name};

/// The length of the longest operation.
pub(super) const OPERATION: usize = "insert".len();

/// The events, and which image of the row each keeps.
const EVENTS: [(&str, &str); 3] = [("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")];

/// The triggers of a table, and the function that they call.
pub(super) fn write(base: &Table, mirror: &Table, dialect: Dialect) -> (Vec<Trigger>, Option<Function>) {
    let writer = Writer { base, mirror, dialect };
    let name = |event: &str| object_name(&mirror.name.name, None, event);
    let function = (dialect == Dialect::Postgres).then(|| writer.function());
    let bare = function.as_ref().map(|_| function_name(&mirror.name));
    let trigger = |(event, image): (&str, &str)| {
        let sql = writer.trigger(&name(event), event, image);
        Trigger { name: name(event), sql, function: bare.clone() }
    };
    (EVENTS.map(trigger).to_vec(), function)
}

/// The function that writes a history, without its arguments.
pub(super) fn function_name(mirror: &Name) -> Name {
    mirror.with_name(object_name(&mirror.name, None, "write"))
}

/// The name under which a catalog keeps a function without arguments.
pub(super) fn whole_name(function: &Name) -> Name {
    function.with_name(format!("{}()", function.name))
}

/// Whether a trigger writes a history: what it does, or what its function does, names the column that
/// every history has.
pub(super) fn is_ours(trigger: &Trigger, catalog: &Catalog) -> bool {
    let function = trigger.function.as_ref().and_then(|function| catalog.functions.get(&whole_name(function)));
    let text = function.map_or(&trigger.sql, |function| &function.sql);
    text.contains(HISTORY_COLUMNS[1])
}

struct Writer<'a> {
    base: &'a Table,
    mirror: &'a Table,
    dialect: Dialect,
}

impl Writer<'_> {
    fn trigger(&self, name: &str, event: &str, image: &str) -> String {
        let (name, table) = (self.dialect.quote(name), self.base.name.sql(self.dialect));
        let head = format!("CREATE TRIGGER {name} AFTER {} ON {table}", event.to_uppercase());
        let row = || format!("INSERT INTO {}\nVALUES ({})", self.target(), self.values(event, image).join(", "));
        match self.dialect {
            Dialect::Postgres => {
                let function = function_name(&self.mirror.name).sql(self.dialect);
                let rows = if self.is_partitioned() {
                    "FOR EACH ROW".to_owned()
                } else {
                    format!("REFERENCING {image} TABLE AS changed FOR EACH STATEMENT")
                };
                format!("{head}\n{rows} EXECUTE FUNCTION {function}()")
            }
            Dialect::Sqlite => format!("{head}\nBEGIN\n{};\nEND", row()),
            Dialect::Mysql => format!("{head} FOR EACH ROW\n{}", row()),
        }
    }

    fn function(&self) -> Function {
        let name = function_name(&self.mirror.name);
        let body = if self.is_partitioned() {
            let row = |image: &str| {
                format!(
                    "    INSERT INTO {}\n    VALUES ({});",
                    self.target(),
                    self.values("lower(tg_op)", image).join(", ")
                )
            };
            format!("  IF tg_op = 'DELETE' THEN\n{}\n  ELSE\n{}\n  END IF;", row("OLD"), row("NEW"))
        } else {
            format!(
                "  INSERT INTO {}\n  SELECT {}\n  FROM changed;",
                self.target(),
                self.values("lower(tg_op)", "changed").join(", ")
            )
        };
        // With a type the function changes too, so that no trigger runs before the history has it as well.
        let types: Vec<String> =
            self.base.columns.iter().map(|column| format!("{} {}", column.name, column.ty)).collect();
        let sql = format!(
            "CREATE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql AS $$\n-- {}\nBEGIN\n{body}\n  RETURN NULL;\nEND\n$$",
            name.sql(self.dialect),
            types.join(", ")
        );
        Function { name: whole_name(&name), sql }
    }

    fn is_partitioned(&self) -> bool {
        self.base.options.partition_by.is_some()
    }

    /// The history with the columns that are written.
    fn target(&self) -> String {
        let own = HISTORY_COLUMNS[1..].iter().copied();
        let columns = own.chain(self.base.columns.iter().map(|column| column.name.as_str()));
        let columns: Vec<String> = columns.map(|column| self.dialect.quote(column)).collect();
        format!("{} ({})", self.mirror.name.sql(self.dialect), columns.join(", "))
    }

    fn values(&self, operation: &str, image: &str) -> Vec<String> {
        let (at, by, transaction) = match self.dialect {
            Dialect::Postgres => {
                ("now()", "coalesce(nullif(current_setting('ops.user', true), ''), session_user)", "txid_current()")
            }
            Dialect::Sqlite => (
                "strftime('%Y-%m-%d %H:%M:%f', 'now')",
                "(SELECT name FROM __ops_user ORDER BY id DESC LIMIT 1)",
                // Milliseconds.
                "coalesce((SELECT max(id) FROM __ops_user), CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER))",
            ),
            Dialect::Mysql => (
                "utc_timestamp(6)",
                "coalesce(@ops_user, session_user())",
                // Microseconds, and a part of the connection's number.
                "coalesce(@ops_transaction, cast(unix_timestamp(now(6)) * 1000000 as unsigned) * 1024 + connection_id() % 1024)",
            ),
        };
        let operation = match self.dialect {
            Dialect::Postgres => operation.to_owned(),
            Dialect::Sqlite | Dialect::Mysql => self.dialect.literal(operation),
        };
        let row = self.base.columns.iter().map(|column| format!("{image}.{}", self.dialect.quote(&column.name)));
        [operation, at.to_owned(), by.to_owned(), transaction.to_owned()].into_iter().chain(row).collect()
    }
}
