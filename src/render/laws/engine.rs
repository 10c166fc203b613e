//! The laws on real engines, with rows: a schema is made and filled, a script leads to another one and
//! back and there again, and each time the engine has what it has when that schema is made the straight
//! way, and the rows have what they had. What an operation says it loses may be lost; a script may fail
//! for what rows have (a value that a new key forbids), and then is tried with fewer of them.

use std::cell::{Cell, RefCell};

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::rows::{Kept, Rows, answers};
use super::{Outcome, renames};
use crate::catalog::Catalog;
use crate::db::introspect::introspect;
use crate::db::testing::empty;
use crate::db::{Database, DatabaseUrl};
use crate::dialect::Dialect;
use crate::diff::Answers;
use crate::proof::{difference, drift};
use crate::render::generator::{Tape, pair, part_of_cases};
use crate::render::mysql::laws::nameless;
#[cfg(feature = "mysql")]
use crate::render::mysql::laws::replayed;
use crate::render::{Script, schema_sql, script};

/// Pairs of schemas for each dialect.
const PAIRS: u32 = 2_000;

/// Rows of each table, if they are not in the way.
const ROWS: usize = 3;

/// A schema, and one that it becomes.
pub(super) struct Pair {
    from: Catalog,
    to: Catalog,
    answers: Answers,
    /// What makes each of them on an empty database.
    schemas: [String; 2],
}

impl Pair {
    /// Of two tapes.
    fn of_tapes(dialect: Dialect, a: &Tape, b: &Tape) -> Self {
        let (from, to) = (a.replayed(dialect), b.replayed(dialect));
        let (answers, schemas) = (answers(&from, &to), [schema_sql(&from), schema_sql(&to)]);
        Self { from, to, answers, schemas }
    }

    /// Of a tape, and the same schema under other names.
    fn renamed(dialect: Dialect, tape: &Tape) -> Self {
        let mut from = tape.replayed(dialect);
        // What a view calls its columns afterwards is the engine's affair, and bodies of functions keep
        // the names that they have.
        from.views.clear();
        from.functions.retain(|name, _| name.name != "how_many()");
        // SQLite 3.40 to 3.50 cannot rename a key that stands in another one, too, without a rowid.
        from.tables.values_mut().for_each(|table| table.options.without_rowid = false);
        let renames = renames(&from);
        let to = renames.apply(&from);
        let schemas = [schema_sql(&from), schema_sql(&to)];
        Self { from, to, answers: Answers { renames, ..Answers::default() }, schemas }
    }

    /// Of two scripts for MySQL.
    #[cfg(feature = "mysql")]
    fn of_scripts(a: String, b: String) -> Self {
        let (from, to) = (replayed(&a), replayed(&b));
        let answers = answers(&from, &to);
        Self { from, to, answers, schemas: [a, b] }
    }
}

/// Why a script did not run.
enum Failure {
    /// The rows are in the way.
    Rows(String),
    Script(TestCaseError),
}

impl From<TestCaseError> for Failure {
    fn from(error: TestCaseError) -> Self {
        Self::Script(error)
    }
}

/// What the engines say of rows that a new schema does not take.
fn blames_rows(error: &DieselError) -> bool {
    use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
    let DieselError::DatabaseError(kind, info) = error else { return false };
    let words = [
        // PostgreSQL.
        "conflicting key value violates exclusion",
        "could not create exclusion constraint",
        "invalid input",
        "malformed array literal",
        "violates check constraint",
        "out of range",
        "value too long",
        "cannot cast jsonb",
        "expected JSON array",
        // MariaDB and MySQL.
        "Data truncated",
        "Truncated incorrect",
        "Incorrect ",
        "Out of range value",
        "CONSTRAINT ",
        "Invalid JSON text",
        // SQLite.
        "constraint failed",
        "cannot store ",
    ];
    matches!(kind, UniqueViolation | ForeignKeyViolation | NotNullViolation | CheckViolation)
        || words.iter().any(|word| info.message().contains(word))
}

fn run(db: &mut Database, sql: &str, in_transaction: bool) -> Result<(), Failure> {
    // Several statements at once are one transaction on PostgreSQL, and none on MySQL.
    let sql = match db.dialect() {
        Dialect::Sqlite if in_transaction => format!("BEGIN;\n{sql}\nCOMMIT;"),
        _ => sql.to_owned(),
    };
    db.batch(&sql).map_err(|error| {
        let text = format!("{}\n{sql}", db.words(&error));
        if blames_rows(&error) { Failure::Rows(text) } else { TestCaseError::fail(text).into() }
    })
}

/// An engine that pairs are tried on, one after the other.
pub(super) struct Engine {
    db: RefCell<Database>,
    /// How many pairs kept so many rows in each table.
    ran: [Cell<u32>; ROWS + 1],
}

impl Engine {
    pub(super) fn new(url: &DatabaseUrl) -> Self {
        Self { db: RefCell::new(Database::connect(url).unwrap()), ran: Default::default() }
    }

    /// Tries a law with its share of the pairs, and sees that it had them.
    fn tries<S: Strategy>(&self, part: u64, parts: u32, pairs: u32, strategy: &S, pair: impl Fn(S::Value) -> Pair) {
        let config = part_of_cases(pairs, 200, part, parts);
        let wanted = config.cases;
        let outcome = TestRunner::new(config).run(strategy, |value| self.holds(&pair(value)));
        outcome.unwrap_or_else(|error| panic!("{error}"));
        let ran: Vec<u32> = self.ran.iter().map(Cell::get).collect();
        assert_eq!(ran.iter().sum::<u32>(), wanted, "{ran:?}");
        // A few pairs may by chance be of the kind whose rows are in the way.
        let with_rows: u32 = ran[1..].iter().sum();
        assert!(with_rows * 4 >= wanted * 3 || wanted < 100, "few pairs had rows: {ran:?} of {wanted}");
    }

    /// What the engine has after a script on an empty database.
    fn made_by(&self, sql: &str) -> Outcome<Catalog> {
        let db = &mut self.db.borrow_mut();
        empty(db);
        let made = self.unchecked(db, sql);
        made.map_err(|error| TestCaseError::fail(format!("{}\n{sql}", db.words(&error))))?;
        Ok(introspect(db).unwrap())
    }

    /// Generated schemas for MySQL reference tables that come later.
    fn unchecked(&self, db: &mut Database, sql: &str) -> Result<(), DieselError> {
        if db.dialect() == Dialect::Mysql {
            return db.batch(&format!("SET foreign_key_checks = 0;\n{sql}\nSET foreign_key_checks = 1;"));
        }
        db.batch(sql)
    }

    fn holds(&self, pair: &Pair) -> Outcome {
        let script =
            script(&pair.from, &pair.to, &pair.answers).map_err(|error| super::failed(&error, &pair.schemas[0]))?;
        self.leads_there_and_back(pair, &script).map_err(|error| {
            let [from, to] = &pair.schemas;
            let (up, down) = (&script.up, &script.down);
            TestCaseError::fail(format!("{error}\n== from\n{from}\n== to\n{to}\n== up\n{up}\n== down\n{down}"))
        })
    }

    fn leads_there_and_back(&self, pair: &Pair, script: &Script) -> Outcome {
        let there = self.made_by(&pair.schemas[1])?;
        same(&pair.to, &there, "the schema", &pair.schemas[1], drift)?;
        let whole = schema_sql(&pair.to);
        if whole != pair.schemas[1] {
            same(&there, &self.made_by(&whole)?, "the schema as we write it", &whole, difference)?;
        }
        for count in (0..=ROWS).rev() {
            let here = self.made_by(&pair.schemas[0])?;
            match self.there_and_back(pair, script, [&here, &there], count) {
                Ok(rows) => {
                    let count = if rows == 0 { 0 } else { count };
                    self.ran[count].set(self.ran[count].get() + 1);
                    break;
                }
                Err(Failure::Rows(_)) if count > 0 => {}
                Err(Failure::Rows(text)) => return Err(TestCaseError::fail(text)),
                Err(Failure::Script(error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// The way there, back and there again; how many rows had something that both schemas have.
    fn there_and_back(
        &self,
        pair: &Pair,
        script: &Script,
        made: [&Catalog; 2],
        count: usize,
    ) -> Result<usize, Failure> {
        let db = &mut self.db.borrow_mut();
        run(db, &Rows { from: &pair.from, to: &pair.to, count }.statements(), false)?;
        let kept = Kept::read(db, &pair.from, &pair.to, &pair.answers, script);
        for (what, sql, side) in [("up", &script.up, 1), ("down", &script.down, 0), ("up again", &script.up, 1)] {
            run(db, sql, script.run_in_transaction)?;
            let found = introspect(db).unwrap();
            same(made[side], &found, what, sql, difference)?;
            if side == 0 {
                // The way back brings the names back, too.
                nothing(&difference(made[0], &found), what, sql)?;
            }
            nothing(&kept.changes(db, side, &pair.to), &format!("rows after {what}"), sql)?;
            nothing(&dangling(db), what, sql)?;
        }
        Ok(kept.rows())
    }
}

/// Rows that point nowhere: SQLite checks no foreign key while they are switched off for a rebuild.
fn dangling(db: &mut Database) -> Vec<String> {
    if db.dialect() != Dialect::Sqlite {
        return Vec::new();
    }
    let rows = db.texts("SELECT \"table\" AS row FROM pragma_foreign_key_check", &[]).unwrap();
    rows.into_iter().flatten().map(|table| format!("a row of {table} points nowhere")).collect()
}

fn nothing(lines: &[String], what: &str, sql: &str) -> Outcome {
    prop_assert!(lines.is_empty(), "{}\n== {what}\n{sql}", lines.join("\n"));
    Ok(())
}

fn same(
    expected: &Catalog,
    found: &Catalog,
    what: &str,
    sql: &str,
    compare: fn(&Catalog, &Catalog) -> Vec<String>,
) -> Outcome {
    let lines = match expected.dialect {
        Dialect::Mysql => compare(&nameless(expected), &nameless(found)),
        Dialect::Postgres | Dialect::Sqlite => compare(expected, found),
    };
    nothing(&lines, what, sql)
}

/// A law's test, and as many parts of it as are to run side by side.
macro_rules! parts {
    ($law:ident: $($name:ident = $part:literal),+) => {
        $(#[test]
        fn $name() {
            $law($part);
        })+
    };
}

mod sqlite {
    use super::{DatabaseUrl, Dialect, Engine, PAIRS, Pair, pair};

    fn pairs(part: u64) {
        let engine = Engine::new(&DatabaseUrl::sqlite_memory());
        engine.tries(part, 2, PAIRS, &pair(), |(a, b)| Pair::of_tapes(Dialect::Sqlite, &a, &b));
    }

    parts!(pairs: pairs_0 = 0, pairs_1 = 1);

    #[test]
    fn renamed() {
        let engine = Engine::new(&DatabaseUrl::sqlite_memory());
        engine.tries(0, 10, PAIRS, &pair(), |(a, _)| Pair::renamed(Dialect::Sqlite, &a));
    }
}

mod postgres_tests {
    mod postgres {
        use super::super::{Dialect, Engine, PAIRS, Pair, pair};
        use crate::db::testing::postgres;

        fn pairs(part: u64) {
            let mut scratch = postgres();
            let engine = Engine::new(scratch.database().url());
            engine.tries(part, 4, PAIRS, &pair(), |(a, b)| Pair::of_tapes(Dialect::Postgres, &a, &b));
        }

        parts!(pairs: pairs_0 = 0, pairs_1 = 1, pairs_2 = 2, pairs_3 = 3);

        #[test]
        fn renamed() {
            let mut scratch = postgres();
            let engine = Engine::new(scratch.database().url());
            engine.tries(0, 10, PAIRS, &pair(), |(a, _)| Pair::renamed(Dialect::Postgres, &a));
        }
    }
}

#[cfg(feature = "mysql")]
mod mysql_tests {
    mod mysql {
        use super::super::{Engine, PAIRS, Pair};
        use crate::db::testing::mysql;
        use crate::render::mysql::laws::schema;

        fn pairs(part: u64) {
            let mut scratch = mysql();
            let engine = Engine::new(scratch.database().url());
            engine.tries(part, 4, PAIRS, &(schema(), schema()), |(a, b)| Pair::of_scripts(a, b));
        }

        parts!(pairs: pairs_0 = 0, pairs_1 = 1, pairs_2 = 2, pairs_3 = 3);
    }
}
