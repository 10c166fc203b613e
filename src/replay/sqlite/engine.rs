//! The replay against the engine itself: after the same statements both know the same schema.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use proptest::prelude::*;

use super::tests::{SCRIPTS, replayed};
use crate::catalog::{Catalog, Expr, Index, IndexKey, IndexPart, Table};
use crate::dialect::Dialect;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn query(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(connection).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// What the engine's pragmas say, one sorted line per fact.
fn engine_facts(connection: &mut SqliteConnection) -> Vec<String> {
    let from = |pragmas: &str| {
        let own = "l.schema = 'main' AND l.type = 'table' AND l.name NOT LIKE 'sqlite_%'";
        format!("pragma_table_list l{pragmas} WHERE {own}")
    };
    let tables = from("");
    let mut facts = query(
        connection,
        &format!("SELECT format('table %s strict=%d wr=%d', l.name, l.strict, l.wr) AS line FROM {tables}"),
    );
    let columns = from(", pragma_table_xinfo(l.name) c");
    // A primary key without an index is an alias of the rowid, which is never NULL.
    let alias = "(c.pk > 0 AND NOT EXISTS (SELECT 1 FROM pragma_index_list(l.name) i WHERE i.origin = 'pk'))";
    let columns = query(
        connection,
        &format!(
            "SELECT format('%s.%s %s null=%d pk=%d hidden=%d', l.name, c.name, upper(replace(c.type, ' ', '')),
               NOT c.\"notnull\" AND NOT {alias}, c.pk, c.hidden) || char(9) || coalesce(c.dflt_value, char(9)) AS line
             FROM {columns}"
        ),
    );
    facts.extend(columns.into_iter().map(|line| {
        let (column, default) = line.split_once('\t').unwrap();
        format!("{column} default={:?}", (default != "\t").then(|| Expr::new(default).normal()))
    }));
    let keys = from(", pragma_foreign_key_list(l.name) k");
    facts.extend(query(
        connection,
        &format!(
            "SELECT format('%s fk (%s) -> %s (%s) %s %s', l.name, group_concat(k.\"from\", ',' ORDER BY k.seq), k.\"table\",
               coalesce(group_concat(k.\"to\", ',' ORDER BY k.seq), ''), k.on_delete, k.on_update) AS line
             FROM {keys} GROUP BY l.name, k.id"
        ),
    ));
    let indexes = from(", pragma_index_list(l.name) i, pragma_index_xinfo(i.name) c");
    facts.extend(query(
        connection,
        &format!(
            "SELECT format('%s %s unique=%d partial=%d (%s)', l.name, iif(i.origin = 'c', i.name, i.origin), i.\"unique\",
               i.partial, group_concat(format('%s %s %d', coalesce(c.name, '?'), upper(c.coll), c.desc AND i.origin = 'c'), ',' ORDER BY c.seqno))
               AS line
             FROM {indexes} AND c.key GROUP BY l.name, i.name"
        ),
    ));
    facts.extend(query(
        connection,
        "SELECT type || ' ' || sql AS line FROM sqlite_schema WHERE type IN ('view', 'trigger')",
    ));
    facts.sort();
    facts
}

/// The same facts from the catalog.
fn replayed_facts(catalog: &Catalog) -> Vec<String> {
    let mut facts: Vec<String> = catalog.tables.values().flat_map(|table| table_facts(table)).collect();
    facts.extend(catalog.views.values().map(|view| format!("view {}", view.sql)));
    facts.sort();
    facts
}

fn table_facts(table: &Table) -> Vec<String> {
    let name = &table.name.name;
    let strict = u8::from(table.options.strict);
    let mut facts = vec![format!("table {name} strict={strict} wr={}", u8::from(table.options.without_rowid))];
    for column in &table.columns {
        let key = table.key_columns().iter().position(|k| *k == column.name).map_or(0, |at| at + 1);
        let hidden = column.generated.as_ref().map_or(0, |g| if g.stored { 3 } else { 2 });
        facts.push(format!(
            "{name}.{} {} null={} pk={key} hidden={hidden} default={:?}",
            column.name,
            column.ty.to_string().replace(' ', ""),
            u8::from(column.nullable),
            column.default.as_ref().map(Expr::normal),
        ));
    }
    for key in &table.foreign_keys {
        let (from, to) = (key.columns.join(","), key.ref_columns.join(","));
        let (delete, update) = (key.on_delete.sql(), key.on_update.sql());
        facts.push(format!("{name} fk ({from}) -> {} ({to}) {delete} {update}", key.references));
    }
    let [integer_key] = table.key_columns() else {
        facts.extend(key_facts(table, "pk", table.key_columns()));
        facts.extend(index_facts(table));
        return facts;
    };
    let alias = table.column(integer_key, Dialect::Sqlite).unwrap();
    let alias = alias.ty.to_string() == "INTEGER" && !alias.nullable && !table.options.without_rowid;
    facts.extend(key_facts(table, "pk", table.key_columns()).filter(|_| !alias));
    facts.extend(index_facts(table));
    facts
}

fn key_facts(table: &Table, origin: &str, columns: &[String]) -> impl Iterator<Item = String> + use<> {
    let parts: Vec<String> = columns.iter().map(|c| format!("{c} {} 0", collation(table, c, None))).collect();
    let fact = format!("{} {origin} unique=1 partial=0 ({})", table.name, parts.join(","));
    (!columns.is_empty()).then_some(fact).into_iter()
}

fn collation(table: &Table, column: &str, given: Option<&str>) -> String {
    let own = table.column(column, Dialect::Sqlite).and_then(|c| c.collation.as_deref());
    given.or(own).unwrap_or("BINARY").to_uppercase()
}

fn index_facts(table: &Table) -> Vec<String> {
    let mut facts: Vec<String> = table.uniques.iter().flat_map(|u| key_facts(table, "u", &u.columns)).collect();
    facts.extend(table.indexes.iter().map(|index: &Index| {
        let part = |part: &IndexPart| {
            let name = match &part.key {
                IndexKey::Column(name) => name.as_str(),
                IndexKey::Expr(_) => "?",
            };
            format!("{name} {} {}", collation(table, name, part.collation.as_deref()), u8::from(part.descending))
        };
        let parts: Vec<String> = index.parts.iter().map(part).collect();
        let (unique, partial) = (u8::from(index.unique), u8::from(index.predicate.is_some()));
        format!("{} {} unique={unique} partial={partial} ({})", table.name, index.name, parts.join(","))
    }));
    facts.extend(table.triggers.iter().map(|t| format!("trigger {}", t.sql)));
    facts
}

/// The statements that the engine keeps in its schema table, replayed: names, checks, generated
/// columns and predicates come from there.
fn catalog_of_stored(connection: &mut SqliteConnection) -> Catalog {
    let order = "CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 ELSE 3 END, rowid";
    let filter = "sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    replayed(
        &query(connection, &format!("SELECT sql || ';' AS line FROM sqlite_schema WHERE {filter} ORDER BY {order}"))
            .join("\n"),
    )
}

/// Without what a rebuilt catalog orders differently.
fn sorted(mut catalog: Catalog) -> Catalog {
    for table in catalog.tables.values_mut() {
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        table.triggers.sort_by(|a, b| a.name.cmp(&b.name));
        // SQLite writes an added column before the constraints of the table.
        table.checks.sort_by_key(|check| check.expr.normal());
        table.foreign_keys.sort_by_key(|key| format!("{key:?}"));
    }
    catalog
}

fn compare(connection: &mut SqliteConnection, catalog: &Catalog, context: &str) {
    assert_eq!(replayed_facts(catalog), engine_facts(connection), "{context}");
    assert_eq!(sorted(catalog.clone()), sorted(catalog_of_stored(connection)), "{context}");
}

#[test]
fn scripts_leave_what_the_engine_has() {
    for (sql, _) in SCRIPTS {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        compare(&mut connection, &replayed(sql), sql);
    }
}

fn table() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "B", "\"c d\"", "key"]).prop_map(str::to_owned)
}

fn column() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["x", "Y", "[z z]", "a"]).prop_map(str::to_owned)
}

fn definition() -> impl Strategy<Value = String> {
    (
        column(),
        prop::sample::select(vec!["", "INTEGER", "varchar(10)", "TEXT", "DECIMAL(5, 2)"]),
        prop::sample::select(vec!["", "NOT NULL", "NOT NULL DEFAULT 1", "DEFAULT (1 + 1)", "UNIQUE", "CHECK"]),
        prop::option::weighted(
            0.3,
            (table(), prop::sample::select(vec!["", "ON DELETE CASCADE", "ON UPDATE SET NULL"])),
        ),
    )
        .prop_map(|(name, ty, constraint, reference)| {
            let reference = reference.map_or(String::new(), |(to, act)| format!("REFERENCES {to} (x) {act}"));
            // Its own column: the catalog does not tell whether a check stood in a column's definition.
            let own = if constraint == "CHECK" { format!("({name} > 0)") } else { String::new() };
            format!("{name} {ty} {constraint} {own} {reference}")
        })
}

fn create_table() -> impl Strategy<Value = String> {
    (
        table(),
        prop::collection::vec(definition(), 1..4),
        prop::sample::select(vec![
            "",
            ", PRIMARY KEY (x)",
            ", UNIQUE (x, y)",
            ", CHECK (x <> y)",
            ", PRIMARY KEY (y, x)",
        ]),
        prop::sample::select(vec!["", " WITHOUT ROWID"]),
    )
        .prop_map(|(name, columns, constraint, options)| {
            format!("CREATE TABLE {name} ({}{constraint}){options}", columns.join(", "))
        })
}

fn any_statement() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => create_table(),
        1 => table().prop_map(|t| format!("DROP TABLE {t}")),
        3 => (table(), definition()).prop_map(|(t, d)| format!("ALTER TABLE {t} ADD COLUMN {d}")),
        2 => (table(), column()).prop_map(|(t, c)| format!("ALTER TABLE {t} DROP COLUMN {c}")),
        4 => (table(), column(), column()).prop_map(|(t, a, b)| format!("ALTER TABLE {t} RENAME COLUMN {a} TO {b}")),
        4 => (table(), table()).prop_map(|(a, b)| format!("ALTER TABLE {a} RENAME TO {b}")),
        3 => (table(), column(), column(), 0..3).prop_map(|(t, a, b, n)| {
            format!("CREATE UNIQUE INDEX i{n} ON {t} ({a} DESC, lower({b}) COLLATE nocase) WHERE {b} > 0")
        }),
        2 => (table(), column(), 3..5).prop_map(|(t, a, n)| format!("CREATE INDEX i{n} ON {t} ({a})")),
        1 => (0..5).prop_map(|n| format!("DROP INDEX i{n}")),
        1 => (table(), column(), 0..2).prop_map(|(t, c, n)| format!("CREATE VIEW v{n} AS SELECT {c} FROM {t} WHERE {t}.{c} > 1")),
        1 => (table(), column(), table(), column(), 0..2).prop_map(|(t, c, u, d, n)| {
            format!("CREATE VIEW v{n} AS SELECT p.{c} AS {d}, q.{d} FROM {t} p JOIN {u} AS q ON p.{c} = q.{d}, {u}")
        }),
        2 => (0..2).prop_map(|n| format!("DROP VIEW v{n}")),
        1 => (table(), column(), table(), column(), 0..2).prop_map(|(t, c, u, d, n)| {
            format!("CREATE TRIGGER g{n} AFTER INSERT ON {t} WHEN new.{c} BEGIN INSERT INTO {u} ({d}) SELECT {c} FROM {t}; END")
        }),
        2 => (table(), column(), table(), column(), 0..2).prop_map(|(t, c, u, d, n)| {
            format!("CREATE TRIGGER g{n} AFTER UPDATE OF {c} ON {t} BEGIN UPDATE {u} SET {d} = new.{c}; END")
        }),
        1 => (0..2).prop_map(|n| format!("DROP TRIGGER g{n}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A statement that the engine refuses is left out of the replay.
    #[test]
    fn any_sequence_leaves_what_the_engine_has(statements in prop::collection::vec(any_statement(), 1..25)) {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        let mut catalog = Catalog::empty(Dialect::Sqlite);
        let mut done = String::new();
        let first = ["CREATE TABLE a (x INTEGER PRIMARY KEY, Y TEXT, \"z z\" INT REFERENCES key (a))", "CREATE TABLE key (a UNIQUE, x)"];
        for sql in first.map(str::to_owned).into_iter().chain(statements) {
            if connection.batch_execute(&sql).is_ok() {
                super::apply(&mut catalog, &sql, "up.sql").unwrap();
                done.push_str(&sql);
                done.push_str(";\n");
            }
        }
        // What the replay doubts it does not claim.
        if catalog.uncertain.is_empty() {
            compare(&mut connection, &catalog, &done);
        }
    }
}
