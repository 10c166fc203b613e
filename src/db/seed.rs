//! Rows for a proof: two in every table that lets itself be filled, so that a migration meets data:
//! one with a value in every column, and one with NULL wherever a column takes it. What the engine
//! refuses is no error; it is told with its reason. The values themselves are made in `values`.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use self::values::{is_checked, own_value};
use super::Database;
use crate::catalog::{Catalog, Column, Expr, ForeignKey, Name, Table};
use crate::dialect::Dialect;
use crate::error::Result;

/// How many combinations of values are tried before a row is given up.
const ATTEMPTS: usize = 8;

/// Which tables have rows now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seeded {
    pub tables: Vec<Name>,
    /// Tables without a row, and the engine's reason.
    pub not_seeded: Vec<(Name, String)>,
    /// Tables with rows, with columns that may be NULL, and without a row where they are; and the
    /// engine's reason.
    pub without_nulls: Vec<(Name, String)>,
}

/// Which of a row's columns are left out or NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A value in every column.
    Full,
    /// Only columns that need a value get one; the others get their default.
    Required,
    /// NULL wherever a column takes it.
    Nulls,
    /// The same, but no NULL in a column that a check or a domain names.
    NullsUnchecked,
}

/// Whether the engine says that a value (an SQL literal) passes every one of the conditions on a column.
type Accepts<'a> = &'a mut dyn FnMut(&Column, &[&Expr], &str) -> bool;

/// What the statement for a row depends on, beside its table.
struct Row<'a> {
    catalog: &'a Catalog,
    filled: &'a [Name],
    shape: Shape,
    attempt: usize,
}

/// Gives every empty table a row, parents first, and every table one with NULLs.
///
/// # Errors
/// `Database` where rows cannot be counted; an insert that is refused is no error.
pub fn seed(db: &mut Database, catalog: &Catalog) -> Result<Seeded> {
    let mut seeded = Seeded::default();
    for name in parents_first(catalog) {
        let Some(table) = catalog.tables.get(name) else { continue };
        // A partition is filled through its parent.
        if table.options.partition_of.is_some() {
            continue;
        }
        if db.count_rows(name)? == 0
            && let Err(reason) = first_row(db, catalog, table, &seeded.tables)
        {
            seeded.not_seeded.push((name.clone(), reason));
            continue;
        }
        seeded.tables.push(name.clone());
        let second = insert_a_row(db, catalog, table, &seeded.tables, &[Shape::Nulls, Shape::NullsUnchecked]);
        if let Err(reason) = second
            && table.columns.iter().any(|column| may_be_null(table, column, catalog.dialect))
        {
            seeded.without_nulls.push((name.clone(), reason));
        }
    }
    Ok(seeded)
}

fn first_row(db: &mut Database, catalog: &Catalog, table: &Table, filled: &[Name]) -> Result<(), String> {
    match missing_parent(catalog, table, filled) {
        Some(parent) => Err(format!("it needs a row of {parent}, which has none")),
        None => insert_a_row(db, catalog, table, filled, &[Shape::Full, Shape::Required]),
    }
}

/// Whether a row of ours may have NULL there. SQLite lets keys be NULL, which nobody means.
fn may_be_null(table: &Table, column: &Column, dialect: Dialect) -> bool {
    let is_key = table.key_columns().iter().any(|key| dialect.same_name(key, &column.name));
    column.nullable && !is_key && column.generated.is_none() && column.auto.is_none()
}

/// Tables so that what a foreign key needs stands before it; cycles are cut somewhere.
fn parents_first(catalog: &Catalog) -> Vec<&Name> {
    fn visit<'a>(catalog: &'a Catalog, name: &'a Name, seen: &mut BTreeSet<&'a Name>, order: &mut Vec<&'a Name>) {
        if !seen.insert(name) {
            return;
        }
        let keys = catalog.tables.get(name).map_or(&[][..], |table| &table.foreign_keys);
        // Keys that may be NULL last: in a cycle, they are the ones that can be left empty.
        let optional =
            |key: &ForeignKey| catalog.tables.get(name).is_some_and(|t| is_optional(t, key, catalog.dialect));
        let (weak, strong): (Vec<_>, Vec<_>) = keys.iter().partition(|key| optional(key));
        for key in strong.into_iter().chain(weak) {
            if let Some((parent, _)) = catalog.tables.iter().find(|(n, _)| n.same(&key.references, catalog.dialect)) {
                visit(catalog, parent, seen, order);
            }
        }
        order.push(name);
    }
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for name in catalog.tables.keys() {
        visit(catalog, name, &mut seen, &mut order);
    }
    order
}

fn is_optional(table: &Table, key: &ForeignKey, dialect: Dialect) -> bool {
    key.columns.iter().any(|name| table.column(name, dialect).is_some_and(|c| c.nullable))
}

/// Another table without a row that a row of this one has to point to.
fn missing_parent<'a>(catalog: &'a Catalog, table: &'a Table, filled: &[Name]) -> Option<&'a Name> {
    let required = |key: &&ForeignKey| !is_optional(table, key, catalog.dialect);
    table.foreign_keys.iter().filter(required).map(|key| &key.references).find(|parent| {
        let same = |name: &Name| name.same(parent, catalog.dialect);
        !same(&table.name) && !filled.iter().any(same)
    })
}

/// Tries rows until one is taken; the first refusal is the reason, since later ones are guesses.
fn insert_a_row(
    db: &mut Database,
    catalog: &Catalog,
    table: &Table,
    filled: &[Name],
    shapes: &[Shape],
) -> Result<(), String> {
    let mut reason = None;
    let mut tried = BTreeSet::new();
    let mut asked = BTreeMap::new();
    for attempt in 0..ATTEMPTS {
        for shape in shapes {
            let row = Row { catalog, filled, shape: *shape, attempt };
            let sql = statement(table, &row, &mut |column, conditions, value| {
                let key = (column.name.clone(), value.to_owned());
                *asked.entry(key).or_insert_with(|| passes(db, table, column, conditions, value))
            });
            if !tried.insert(sql.clone()) {
                continue;
            }
            match db.batch(&sql) {
                Ok(()) => return Ok(()),
                Err(error) => reason = reason.or_else(|| Some(db.words(&error))),
            }
        }
    }
    Err(reason.unwrap_or_default())
}

/// Asks the engine itself whether a value passes conditions that name no other column of the table.
fn passes(db: &mut Database, table: &Table, column: &Column, conditions: &[&Expr], value: &str) -> bool {
    let dialect = db.dialect();
    let (name, ty) = (dialect.quote(&column.name), column.ty.sql(dialect));
    let value = match dialect {
        // MySQL has most of its types only for the columns of a table, and SQLite has columns without.
        Dialect::Mysql => value.to_owned(),
        Dialect::Sqlite if ty.is_empty() => value.to_owned(),
        Dialect::Sqlite | Dialect::Postgres => format!("CAST({value} AS {ty})"),
    };
    let conditions: Vec<String> = conditions.iter().map(|expr| format!("(({}) IS NOT FALSE)", expr.sql)).collect();
    let row = format!("(SELECT {value} AS {name}) AS {}", dialect.quote(&table.name.name));
    let found =
        format!("SELECT CASE WHEN {} THEN 'yes' END AS {} FROM {row}", conditions.join(" AND "), dialect.quote("row"));
    db.text(&found, &[]).is_ok_and(|answer| answer.is_some())
}

fn statement(table: &Table, row: &Row<'_>, accepts: Accepts<'_>) -> String {
    let dialect = row.catalog.dialect;
    let values: Vec<(String, String)> = table
        .columns
        .iter()
        .filter(|c| c.generated.is_none() && c.auto.is_none())
        .filter(|c| row.shape != Shape::Required || !(c.nullable || c.default.is_some()))
        .map(|c| (dialect.quote(&c.name), value(table, c, row, &mut *accepts)))
        .collect();
    let name = table.name.sql(dialect);
    if values.is_empty() {
        let nothing = if dialect == Dialect::Mysql { "() VALUES ()" } else { "DEFAULT VALUES" };
        return format!("INSERT INTO {name} {nothing}");
    }
    let (columns, values): (Vec<_>, Vec<_>) = values.into_iter().unzip();
    format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

fn value(table: &Table, column: &Column, row: &Row<'_>, accepts: Accepts<'_>) -> String {
    let nullable = may_be_null(table, column, row.catalog.dialect);
    let null = match row.shape {
        Shape::Full | Shape::Required => false,
        Shape::Nulls => nullable,
        Shape::NullsUnchecked => nullable && !is_checked(row.catalog, table, column),
    };
    if null {
        return "NULL".to_owned();
    }
    reference(table, column, row, &mut *accepts)
        .unwrap_or_else(|| own_value(row.catalog, table, column, row.attempt, row.is_second(), accepts))
}

impl Row<'_> {
    /// A second row is unlike the first, for the sake of keys.
    fn is_second(&self) -> bool {
        matches!(self.shape, Shape::Nulls | Shape::NullsUnchecked)
    }
}

/// The value of a column that points to another table: the referenced value of its first row (for
/// a second row, of its last), NULL where that table has none.
fn reference(table: &Table, column: &Column, row: &Row<'_>, accepts: Accepts<'_>) -> Option<String> {
    let (catalog, dialect) = (row.catalog, row.catalog.dialect);
    let (key, at) = table.foreign_keys.iter().find_map(|key| {
        let at = key.columns.iter().position(|name| dialect.same_name(name, &column.name))?;
        Some((key, at))
    })?;
    let parent = catalog.table(&key.references)?;
    let columns = if key.ref_columns.is_empty() { parent.key_columns() } else { &key.ref_columns };
    let target = parent.column(columns.get(at)?, dialect)?;
    if row.filled.contains(&parent.name) {
        let way = if row.is_second() { " DESC" } else { "" };
        let order: Vec<String> = columns.iter().map(|c| format!("{}{way}", dialect.quote(c))).collect();
        let (column, from) = (dialect.quote(&target.name), parent.name.sql(dialect));
        let found = format!("(SELECT {column} FROM {from} ORDER BY {} LIMIT 1)", order.join(", "));
        // MySQL reads no table that it writes, but it reads what it has put aside (error 1093).
        let aside = dialect == Dialect::Mysql && parent.name == table.name;
        return Some(if aside { format!("(SELECT {column} FROM {found} AS aside)") } else { found });
    }
    if column.nullable {
        return Some("NULL".to_owned());
    }
    // A row that has to point to itself can, where its key's value is known beforehand.
    (parent.name == table.name && target.auto.is_none() && target.name != column.name)
        .then(|| own_value(catalog, table, target, row.attempt, row.is_second(), accepts))
}

/// Rows of each table that holds its own (a partition's are its parent's).
///
/// # Errors
/// `Database` where a table cannot be read.
pub fn count_all(db: &mut Database, catalog: &Catalog) -> Result<BTreeMap<Name, u64>> {
    let own = catalog.tables.values().filter(|table| table.options.partition_of.is_none());
    own.map(|table| Ok((table.name.clone(), db.count_rows(&table.name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Row, Seeded, Shape, parents_first, seed, statement};
    use crate::catalog::{Action, Catalog, Check, Column, Deferrable, Expr, ForeignKey, Name, SqlType, Table};
    use crate::db::introspect::introspect;
    use crate::db::{Database, DatabaseUrl};
    use crate::dialect::Dialect;

    fn table(name: &str, columns: &[(&str, &str, bool)], parents: &[(&str, &str)]) -> Table {
        let mut table = Table::new(Name::new(name));
        for (name, ty, nullable) in columns {
            let mut column = Column::new(*name, SqlType::new(ty, Dialect::Sqlite));
            column.nullable = *nullable;
            table.columns.push(column.into());
        }
        for (column, parent) in parents {
            table.foreign_keys.push(ForeignKey {
                name: None,
                columns: vec![(*column).to_owned()],
                references: Name::new(*parent),
                ref_columns: vec!["id".to_owned()],
                on_delete: Action::NoAction,
                on_update: Action::NoAction,
                deferrable: Deferrable::No,
                valid: true,
            });
        }
        table
    }

    fn catalog(tables: Vec<Table>) -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Sqlite);
        catalog.tables.extend(tables.into_iter().map(|table| (table.name.clone(), table.into())));
        catalog
    }

    #[test]
    fn parents_come_first_and_cycles_are_cut_at_the_optional_key() {
        let catalog = catalog(vec![
            table("a", &[("id", "INTEGER", false), ("b", "INTEGER", true)], &[("b", "b")]),
            table("b", &[("id", "INTEGER", false), ("c", "INTEGER", false)], &[("c", "c")]),
            table("c", &[("id", "INTEGER", false), ("a", "INTEGER", true)], &[("a", "a")]),
        ]);
        let order: Vec<&str> = parents_first(&catalog).into_iter().map(|name| name.name.as_str()).collect();
        assert_eq!(order, ["c", "b", "a"]);
    }

    #[test]
    fn values_follow_types_keys_and_checks() {
        let mut child = table(
            "child",
            &[
                ("id", "INTEGER", false),
                ("parent", "INTEGER", false),
                ("kind", "TEXT", false),
                ("at", "TIMESTAMP", true),
            ],
            &[("parent", "parent")],
        );
        let check = Check { name: None, expr: Expr::new("kind IN ('x', 'it''s')"), valid: true };
        child.checks.push(check);
        let catalog = catalog(vec![child.clone(), table("parent", &[("id", "INTEGER", false)], &[])]);
        let filled = [Name::new("parent")];
        let sql = |shape| {
            let row = Row { catalog: &catalog, filled: &filled, shape, attempt: 0 };
            statement(&child, &row, &mut |_, _, value| ["'x'", "'it''s'"].contains(&value))
        };
        assert_eq!(
            sql(Shape::Required),
            "INSERT INTO child (id, parent, kind) VALUES ('1', (SELECT id FROM parent ORDER BY id LIMIT 1), 'x')"
        );
        assert!(sql(Shape::Full).ends_with("'x', '2000-01-01 00:00:00')"));
        assert_eq!(
            sql(Shape::Nulls),
            "INSERT INTO child (id, parent, kind, at) VALUES ('2', \
             (SELECT id FROM parent ORDER BY id DESC LIMIT 1), 'it''s', NULL)"
        );
    }

    fn seeded(sql: &str) -> (Database, Seeded) {
        let mut db = Database::connect(&DatabaseUrl::sqlite_memory()).unwrap();
        db.execute(sql).unwrap();
        let catalog = introspect(&mut db).unwrap();
        let seeded = seed(&mut db, &catalog).unwrap();
        (db, seeded)
    }

    #[test]
    fn every_column_gets_a_value_that_its_own_checks_accept() {
        let (mut db, seeded) = seeded(
            "CREATE TABLE versions (id INTEGER PRIMARY KEY NOT NULL, num TEXT NOT NULL CHECK (length(num) <= 150),
                hash BLOB NOT NULL CHECK (length(hash) = 32), size INTEGER NOT NULL CHECK (size % 4 = 0),
                kind TEXT NOT NULL CHECK (kind IN ('a', 'b') AND kind <> 'a'), note TEXT);
             CREATE TRIGGER versions_num BEFORE INSERT ON versions WHEN new.num NOT LIKE '%.%.%' BEGIN
                SELECT RAISE(ABORT, 'no version'); END;",
        );
        assert!(seeded.not_seeded.is_empty() && seeded.without_nulls.is_empty(), "{seeded:?}");
        assert_eq!(db.count_rows(&Name::new("versions")).unwrap(), 2);
    }

    #[test]
    fn a_second_row_has_nulls_wherever_keys_and_checks_allow() {
        let (mut db, seeded) = seeded(
            "CREATE TABLE a (id INTEGER PRIMARY KEY NOT NULL, code TEXT NOT NULL UNIQUE CHECK (length(code) > 3),
                one TEXT UNIQUE, two BOOLEAN, blob BLOB);
             CREATE TABLE b (a INTEGER NOT NULL UNIQUE REFERENCES a, key TEXT PRIMARY KEY, at TIMESTAMP);
             CREATE TABLE either (x TEXT, y TEXT, z TEXT, CHECK (x IS NOT NULL OR y IS NOT NULL));
             CREATE TABLE single (id INTEGER PRIMARY KEY NOT NULL CHECK (id = 1), note TEXT);
             CREATE TABLE full (x INTEGER NOT NULL CHECK (x = 7) UNIQUE);",
        );
        assert!(seeded.not_seeded.is_empty(), "{seeded:?}");
        assert_eq!(seeded.without_nulls.len(), 1, "{seeded:?}");
        assert_eq!(seeded.without_nulls[0].0, Name::new("single"));
        let cases = [
            ("a", "one IS NULL AND two IS NULL AND blob IS NULL"),
            ("b", "at IS NULL AND key IS NOT NULL"),
            ("either", "z IS NULL"),
        ];
        for (table, condition) in cases {
            let sql = format!("SELECT CAST(count(*) || ' ' || sum({condition}) AS TEXT) AS row FROM {table}");
            assert_eq!(db.text(&sql, &[]).unwrap().as_deref(), Some("2 1"), "{table}");
        }
    }
}

#[cfg(test)]
mod postgres_tests {
    mod postgres {
        use crate::catalog::Name;
        use crate::db::introspect::introspect;
        use crate::db::seed::seed;
        use crate::db::testing::postgres;

        #[test]
        fn every_kind_of_table_gets_a_row() {
            let mut scratch = postgres();
            let db = scratch.database();
            db.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'ok');
                 CREATE DOMAIN big AS integer CHECK (VALUE > 1000);
                 CREATE TABLE a (id serial PRIMARY KEY, m mood NOT NULL, n big NOT NULL, ms mood[] NOT NULL,
                    b bytea NOT NULL, j jsonb NOT NULL, u uuid NOT NULL, t timestamptz NOT NULL, i interval NOT NULL,
                    bits bit(3) NOT NULL, ip inet NOT NULL, r int4range NOT NULL, f double precision NOT NULL,
                    c char(3) NOT NULL, ok boolean NOT NULL, x money NOT NULL, g int GENERATED ALWAYS AS (1) STORED);
                 CREATE TABLE b (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int NOT NULL REFERENCES a,
                    next bigint REFERENCES b, mail varchar(40) NOT NULL CHECK (length(mail) > 20 AND mail LIKE '%@%'),
                    kind text NOT NULL CHECK (kind IN ('red', 'blue')));
                 CREATE TABLE c (x int NOT NULL CHECK (x BETWEEN 40 AND 42));
                 CREATE TABLE me (id int PRIMARY KEY, boss int NOT NULL REFERENCES me);
                 CREATE TABLE \"Odd name\" (\"select\" text);
                 CREATE TABLE only_ids (id serial PRIMARY KEY);
                 CREATE TABLE never (x int NOT NULL CHECK (x < 0 AND x > 0));
                 CREATE TABLE single (id boolean PRIMARY KEY DEFAULT true CHECK (id), note text);",
            )
            .unwrap();
            let catalog = introspect(db).unwrap();
            let seeded = seed(db, &catalog).unwrap();
            let refused: Vec<String> = seeded.not_seeded.iter().map(|(name, why)| format!("{name}: {why}")).collect();
            assert_eq!(seeded.tables.len(), 6, "{refused:?}");
            assert_eq!(refused.len(), 2, "{refused:?}");
            assert!(refused[0].contains("b_mail_check") && refused[1].contains("never_x_check"), "{refused:?}");
            for (table, rows) in [("a", 2), ("c", 2), ("me", 2), ("Odd name", 2), ("only_ids", 2), ("single", 1)] {
                assert_eq!(db.count_rows(&Name::new(table)).unwrap(), rows, "{table}");
            }
            assert_eq!(seeded.without_nulls.len(), 1, "{:?}", seeded.without_nulls);
            let nulls = "SELECT count(*)::text AS row FROM \"Odd name\" WHERE \"select\" IS NULL";
            assert_eq!(db.text(nulls, &[]).unwrap().as_deref(), Some("1"));
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use crate::catalog::Name;
        use crate::db::introspect::introspect;
        use crate::db::seed::seed;
        use crate::db::testing::mysql;

        #[test]
        fn every_kind_of_table_gets_a_row() {
            let mut scratch = mysql();
            let db = scratch.database();
            db.execute(
                "CREATE TABLE a (id int unsigned AUTO_INCREMENT PRIMARY KEY, m enum('sad', 'it''s') NOT NULL,
                    s set('x', 'y') NOT NULL, n tinyint unsigned NOT NULL, big bigint NOT NULL, ok boolean NOT NULL,
                    b blob NOT NULL, vb varbinary(10) NOT NULL, bin binary(2) NOT NULL, j json NOT NULL,
                    d date NOT NULL, dt datetime(6) NOT NULL, ts timestamp NOT NULL, t time NOT NULL, y year NOT NULL,
                    f float NOT NULL, dec_ decimal(4,2) unsigned NOT NULL, bits bit(3) NOT NULL, c char(1) NOT NULL,
                    tt tinytext NOT NULL, lt longtext NOT NULL, g geometry NOT NULL, p point NOT NULL, poly polygon NOT NULL,
                    ls linestring NOT NULL,
                    u uuid NOT NULL, ip inet6 NOT NULL, gen int AS (n + 1) STORED, note text);
                 CREATE TABLE b (id bigint AUTO_INCREMENT PRIMARY KEY, a int unsigned NOT NULL, next bigint,
                    kind varchar(9) NOT NULL CHECK (kind IN ('red', 'blue')), FOREIGN KEY (a) REFERENCES a (id),
                    FOREIGN KEY (next) REFERENCES b (id));
                 CREATE TABLE c (x int NOT NULL CHECK (x BETWEEN 40 AND 42));
                 CREATE TABLE me (id int PRIMARY KEY, boss int NOT NULL, FOREIGN KEY (boss) REFERENCES me (id));
                 CREATE TABLE `Odd name` (`select` text);
                 CREATE TABLE only_ids (id int AUTO_INCREMENT PRIMARY KEY);
                 CREATE TABLE never (x int NOT NULL CHECK (x < 0 AND x > 0));",
            )
            .unwrap();
            let catalog = introspect(db).unwrap();
            let seeded = seed(db, &catalog).unwrap();
            let refused: Vec<String> = seeded.not_seeded.iter().map(|(name, why)| format!("{name}: {why}")).collect();
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert!(refused[0].starts_with("never: "), "{refused:?}");
            for (table, rows) in [("a", 2), ("b", 2), ("c", 2), ("me", 2), ("Odd name", 2), ("only_ids", 2)] {
                assert_eq!(db.count_rows(&Name::new(table)).unwrap(), rows, "{table}");
            }
            assert!(seeded.without_nulls.is_empty(), "{:?}", seeded.without_nulls);
            let nulls = "SELECT CAST(count(*) AS char) AS `row` FROM `Odd name` WHERE `select` IS NULL";
            assert_eq!(db.text(nulls, &[]).unwrap().as_deref(), Some("1"));
        }
    }
}
