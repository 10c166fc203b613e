//! Laws over generated pairs of schemas: what is rendered leads from the one to the other and back,
//! in the replay; what is equal is not touched.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::catalog::{Catalog, Name};
use crate::dialect::Dialect;
use crate::diff::{self, Answers};
use crate::proof::difference;
use crate::render::generator::cases;
use crate::render::laws::rows::answers;
use crate::render::{schema_sql, script};
use crate::replay;

fn any(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

/// Each text or none.
fn maybe(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just(""), 3 => any(texts)]
}

/// The columns, keys and options of a table, by name; `key` is the type of the keys that foreign
/// keys reference.
fn table(name: &'static str, key: &'static str, parents: &'static [&'static str]) -> impl Strategy<Value = String> {
    let columns = (
        maybe(&[
            "a int",
            "a int unsigned NOT NULL DEFAULT 3",
            "a bigint DEFAULT NULL",
            "a decimal(6,2) NOT NULL DEFAULT 1",
            "a int DEFAULT 7 CHECK (a > 0)",
            "a tinyint(1) NOT NULL DEFAULT 1",
        ]),
        maybe(&[
            "b varchar(20)",
            "b varchar(40) NOT NULL DEFAULT 'it''s'",
            "b text",
            "b varchar(20) CHARACTER SET latin1",
            "b enum('x','y') NOT NULL DEFAULT 'y'",
            "b enum('x','y','z')",
            "b varchar(20) COMMENT 'why; not'",
            "b varchar(20) COLLATE utf8mb4_bin NOT NULL",
            "b text DEFAULT 'x'",
        ]),
        maybe(&[
            "c datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()",
            "c timestamp",
            "c date",
            "c datetime(3) DEFAULT '2020-01-02'",
            "c timestamp NOT NULL DEFAULT current_timestamp()",
        ]),
        maybe(&[
            "d int AS (e + 1)",
            "d int AS (f + 2) STORED",
            "d json",
            "d double DEFAULT 0.5",
            "d bit(4) DEFAULT b'11'",
            "d json NOT NULL",
            "d set('p','q')",
            "d varchar(36) DEFAULT uuid()",
            "d int NOT NULL DEFAULT (1 + 1)",
        ]),
    );
    let keys = (
        any(&[
            "PRIMARY KEY (id), KEY e_id (e, id)",
            "PRIMARY KEY (id, e), UNIQUE e_id (e, id)",
            "PRIMARY KEY (id), UNIQUE e_id (e, id), KEY (f)",
            "PRIMARY KEY (id), UNIQUE KEY id_e (id, e), KEY (e, id, f)",
        ]),
        any(&["", " AUTO_INCREMENT"]),
        maybe(&["UNIQUE KEY ue (e)", "UNIQUE KEY ue (e, f)", "KEY ke (e)", "KEY ke (e DESC, f)", "KEY ke (f, e)"]),
        maybe(&["CHECK (e > f)", "CONSTRAINT ck CHECK (e <> 9)", "CONSTRAINT ck CHECK (e <> 10 OR f IS NULL)"]),
        maybe(&["FULLTEXT KEY ft (g)", "KEY kg (g(10))", "UNIQUE KEY ug (g(5), e)"]),
    );
    // A check may not use a column that a foreign key may change.
    let columns_and_actions = any(&[
        "(e)",
        "(f)",
        "(e, id)",
        "(h)",
        "(h) ON DELETE CASCADE",
        "(h) ON UPDATE CASCADE",
        "(f) ON DELETE RESTRICT",
        "(h) ON DELETE SET NULL",
    ]);
    let references = prop::collection::vec((any(parents), columns_and_actions, any(&["", "fk"])), 0..3);
    let options = any(&["", " COMMENT='of; it''s kind'"]);
    (columns, keys, references, options).prop_map(
        move |((a, b, c, d), (primary, auto, e, check, g), references, options)| {
            let mut lines = vec![format!("id {key} NOT NULL{auto}")];
            lines.extend(
                ["e", "f", "h"].map(|column| format!("{column} {key}{}", if column == "e" { " NOT NULL" } else { "" })),
            );
            lines.push("g text".to_owned());
            lines.extend([a, b, c, d].into_iter().filter(|line| !line.is_empty()).map(str::to_owned));
            lines.push(primary.to_owned());
            lines.extend([e, check, g].into_iter().filter(|line| !line.is_empty()).map(str::to_owned));
            for (at, (parent, columns, named)) in references.iter().enumerate() {
                let constraint =
                    if named.is_empty() { String::new() } else { format!("CONSTRAINT {name}_{named}_{at} ") };
                let (columns, action) = columns.split_once(')').unwrap_or((columns, ""));
                let target = if columns.contains(',') { "(e, id)" } else { "(id)" };
                lines.push(format!("{constraint}FOREIGN KEY {columns}) REFERENCES {parent} {target}{action}"));
            }
            format!("CREATE TABLE {name} ({}){options};", lines.join(", "))
        },
    )
}

/// A schema of up to three tables that reference each other, as a script that runs with foreign
/// keys unchecked.
pub(crate) fn schema() -> impl Strategy<Value = String> {
    any(&["int", "bigint unsigned"]).prop_flat_map(|key| {
        let tables = (
            prop::option::weighted(0.9, table("p", key, &["p"])),
            prop::option::weighted(0.7, table("t", key, &["p", "t"])),
            prop::option::weighted(0.5, table("u", key, &["t", "u"])),
        );
        let trigger = any(&[
            "",
            "CREATE TRIGGER tr BEFORE INSERT ON p FOR EACH ROW BEGIN SET NEW.e = NEW.e; SET NEW.f = NEW.f; END;",
        ]);
        (tables, trigger).prop_map(|((p, t, u), trigger)| {
            // What a table references has to be there.
            let t = t.filter(|t| p.is_some() || !t.contains("REFERENCES p "));
            let u = u.filter(|u| t.is_some() || !u.contains("REFERENCES t "));
            let trigger = if p.is_some() { trigger } else { "" };
            [p, t, u].into_iter().flatten().chain([trigger.to_owned()]).collect::<Vec<_>>().join("\n")
        })
    })
}

pub(crate) fn replayed(sql: &str) -> Catalog {
    let mut catalog = Catalog::empty(Dialect::Mysql);
    apply(&mut catalog, sql);
    catalog
}

pub(crate) fn apply(catalog: &mut Catalog, sql: &str) {
    replay::apply(catalog, sql, "up.sql").unwrap();
    assert_eq!(catalog.uncertain, [], "{sql}");
}

/// The catalog without the names of constraints and indexes, which are no difference.
pub(crate) fn nameless(catalog: &Catalog) -> Catalog {
    let mut catalog = catalog.clone();
    for table in catalog.tables.values_mut() {
        table.foreign_keys.iter_mut().for_each(|key| {
            key.name = None;
            key.name = Some(format!("{key:?}"));
        });
        table.uniques.iter_mut().for_each(|unique| unique.name = None);
        table.checks.iter_mut().for_each(|check| check.name = None);
        table.indexes.iter_mut().for_each(|index| index.name = format!("{:?}", index.parts));
    }
    catalog
}

fn differs(expected: &Catalog, found: &Catalog) -> Vec<String> {
    difference(&nameless(expected), &nameless(found))
}

#[test]
fn scripts_lead_there_and_back() {
    let outcome = TestRunner::new(cases(256, 2_000)).run(&(schema(), schema()), |(a, b)| {
        let (from, to) = (replayed(&a), replayed(&b));
        let script = script(&from, &to, &answers(&from, &to)).unwrap();
        let mut found = from.clone();
        apply(&mut found, &script.up);
        prop_assert_eq!(differs(&to, &found), Vec::<String>::new(), "up\n{}", script.up);
        apply(&mut found, &script.down);
        prop_assert_eq!(differs(&from, &found), Vec::<String>::new(), "down\n{}", script.down);
        prop_assert!(diff::diff(&from, &from, &Answers::default()).is_empty());
        let unchanged = |table: &&Name| from.table(table).zip(to.table(table)).is_some_and(|(a, b)| a == b);
        for table in to.tables.keys().filter(unchanged) {
            let touched = script.operations.iter().find(|operation| operation.table() == Some(table));
            prop_assert!(touched.is_none(), "{:?}", touched);
        }
        prop_assert_eq!(
            difference(&to, &replayed(&schema_sql(&to))),
            Vec::<String>::new(),
            "schema\n{}",
            schema_sql(&to)
        );
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
