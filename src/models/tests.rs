//! Rust in, what it says out.

use expect_test::{Expect, expect};

use super::{
    Change, Models, Satisfied, assemble, changes, desired, drift, parse_file, rename_candidates, satisfied,
    table_block, unsatisfied,
};
use crate::catalog::{Catalog, Column, EnumType, Name, PrimaryKey, SqlType, Table};
use crate::dialect::Dialect;

fn models(text: &str) -> Models {
    try_models(&[("src/schema.rs", text)], &[]).unwrap()
}

fn try_models(files: &[(&str, &str)], schema_files: &[&str]) -> Result<Models, String> {
    let parsed: crate::error::Result<Vec<_>> =
        files.iter().map(|(path, text)| Ok(((*path).to_owned(), std::rc::Rc::new(parse_file(path, text)?)))).collect();
    let schema_files: Vec<String> = schema_files.iter().map(ToString::to_string).collect();
    parsed.and_then(|files| assemble(&files, &schema_files)).map_err(|error| error.to_string())
}

/// One line a table, one a join, one an enum.
fn shown(models: &Models) -> String {
    let mut out = String::new();
    for table in models.tables.values() {
        let columns: Vec<_> = table.columns.iter().map(|c| format!("{} {}", c.name, c.type_text())).collect();
        out += &format!(
            "{} [{}] ({}) line {}\n",
            table.name,
            table.primary_key.join(","),
            columns.join(", "),
            table.at.line
        );
    }
    for join in &models.joins {
        out += &format!("{}.{} -> {}\n", join.child, join.column, join.parent);
    }
    for ty in models.enums.values() {
        out += &format!("enum {}: {}\n", ty.name, ty.values.join(", "));
    }
    out
}

fn check_models(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&models(text)));
}

#[test]
fn every_form_of_table_is_read() {
    check_models(
        r#"
// @generated
pub mod sql_types {
    #[derive(diesel::query_builder::QueryId, diesel::sql_types::SqlType)]
    #[diesel(postgres_type(name = "mood"))]
    pub struct Mood;
}
diesel::table! {
    use diesel::sql_types::*;
    use super::sql_types::Mood;

    /// People.
    #[sql_name = "people"]
    users (id) {
        id -> Int4,
        /// Their name.
        #[max_length = 40]
        name -> Varchar,
        #[sql_name = "type"]
        type_ -> Nullable<crate::schema::sql_types::Mood>, // trailing
        tags -> Array<Nullable<Text>>,
        r#match -> Bool,
    }
}
table! { auth.keys (user_id, key) { user_id -> Integer, key -> Binary, } }
diesel::table!(plain { id -> BigInt, #[cfg(feature = "x")] extra -> Text, });
diesel::joinable!(keys -> users (user_id));
fn query() { diesel::table! { imaginary { id -> Integer, } } }
#[cfg(test)]
mod tests { diesel::table! { also_imaginary { id -> Integer, } } }
cfg_if::cfg_if! { if #[cfg(feature = "y")] { diesel::table! { wrapped { id -> Integer, } } } }
#[cfg_attr(feature = "full", derive(DbEnum))]
#[cfg_attr(feature = "full", ExistingTypePath = "crate::schema::sql_types::Mood")]
#[cfg_attr(feature = "full", DbValueStyle = "verbatim")]
enum Mood { Happy, #[db_rename = "so-so"] SoSo }
"#,
        &expect![[r#"
            people [id] (id Int4, name Varchar, type Nullable<Mood>, tags Array<Nullable<Text>>, match Bool) line 14
            plain [id] (id BigInt, extra Text) line 26
            wrapped [id] (id Integer) line 31
            auth.keys [user_id,key] (user_id Integer, key Binary) line 25
            auth.keys.user_id -> people
            enum mood: Happy, so-so
        "#]],
    );
}

#[test]
fn what_cannot_be_read_is_named_with_its_line() {
    let cases = [
        ("fn x( {", "src/schema.rs:1: this is not Rust that parses: a bracket or a quote has no partner"),
        ("table! {\n  users {\n    id Integer,\n  }\n}", "src/schema.rs:3: this table! cannot be read: expected `->`"),
        (
            "table! { a { id -> Integer, } }\ntable! { a { id -> Text, } }",
            "src/schema.rs:2: table a is declared twice, differently: id is Integer in one and Text in the other (the other is at src/schema.rs:1)",
        ),
        (
            "table! { a {\n id -> Integer,\n id -> Text,\n} }",
            "src/schema.rs:3: this table! cannot be read: column id is declared twice",
        ),
        (
            "table! { a {\n id -> Integer,\n b -> Nullable<Txet>,\n} }",
            "src/schema.rs:3: this table! cannot be read: column b has the type Txet, which Diesel does not have and no `use` brings in",
        ),
    ];
    for (text, expected) in cases {
        let error = try_models(&[("src/schema.rs", text)], &[]).unwrap_err();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    }
    let readable = [
        "table! { use diesel::sql_types::*; use crate::Own; a { id -> Integer, b -> Nullable<Own>, } }",
        "table! { a { id -> Integer, b -> Array<Nullable<crate::Own>>, } }",
        "table! { a { id -> Integer, #[cfg(unix)] b -> Text, #[cfg(windows)] b -> Integer, } }",
    ];
    for text in readable {
        try_models(&[("src/schema.rs", text)], &[]).unwrap();
    }
}

#[test]
fn the_schema_file_has_the_say() {
    let schema = "table! { a { id -> Integer, x -> Text, } } table! { b { id -> Integer, } }";
    let part = "table! { a { id -> Integer, } }";
    let temp = "table! { temp { id -> Integer, } }";
    let files = [("src/schema.rs", schema), ("src/repo.rs", part), ("src/query.rs", temp)];
    let by_name = try_models(&files, &["src/schema.rs"]).unwrap();
    let by_size = try_models(&files, &[]).unwrap();
    assert_eq!(shown(&by_name), "a [id] (id Integer, x Text) line 1\nb [id] (id Integer) line 1\n");
    assert_eq!(shown(&by_size), shown(&by_name));
}

fn check_changes(before: &str, after: &str, expected: &[&str]) {
    let described: Vec<_> = changes(&models(before), &models(after)).iter().map(Change::describe).collect();
    assert_eq!(described, expected);
}

#[test]
fn only_meaning_is_a_change() {
    check_changes(
        "table! { a { id -> Int4, b -> Varchar, c -> Array<Text>, } }",
        "diesel::table! {\n /// doc\n a (id) { c -> Array<Nullable<Text>>, #[max_length = 3] b -> Text, id -> Integer, } }",
        &[],
    );
    check_changes(
        "table! { a { id -> Integer, b -> Text, c -> Text, d -> Nullable<Text>, } } table! { old { id -> Integer, } }",
        "table! { a (id, b) { id -> BigInt, b -> Text, d -> Text, e -> Nullable<Bool>, } } table! { new { id -> Integer, } }",
        &[
            "~ a.id Integer -> BigInt",
            "~ a.d Nullable<Text> -> Text",
            "+ a.e Nullable<Bool>",
            "- a.c",
            "~ a primary key (id) -> (id, b)",
            "+ new (1 columns)",
            "- old",
        ],
    );
}

/// `users: id INTEGER!, name TEXT` in a dialect; the first column is the key.
fn catalog(dialect: Dialect, tables: &[&str]) -> Catalog {
    let mut catalog = Catalog::empty(dialect);
    for text in tables {
        let (name, columns) = text.split_once(": ").unwrap();
        let mut table = Table::new(Name::new(name));
        for column in columns.split(", ") {
            let (name, ty) = column.split_once(' ').unwrap();
            let mut built = Column::new(name, SqlType::new(ty.trim_end_matches('!'), dialect));
            built.nullable = !ty.ends_with('!');
            table.columns.push(built);
        }
        table.primary_key = Some(PrimaryKey { name: None, columns: vec![table.columns[0].name.clone()] });
        catalog.tables.insert(table.name.clone(), table);
    }
    catalog
}

#[test]
fn drift_is_seen_from_the_catalog() {
    let check = |dialect, rust: &str, tables: &[&str], expected: &[&str]| {
        let described: Vec<_> = drift(&models(rust), &catalog(dialect, tables)).iter().map(Change::describe).collect();
        assert_eq!(described, expected);
    };
    let rust = "table! { a { id -> Integer, n -> Text, t -> Timestamp, } }";
    check(Dialect::Postgres, rust, &["a: id int4!, n varchar!, t timestamp!"], &[]);
    check(Dialect::Sqlite, rust, &["a: id INTEGER!, n VARCHAR!, t DATETIME!", "other: id INTEGER"], &[]);
    check(
        Dialect::Postgres,
        rust,
        &["a: id int8!, n text, extra bool"],
        &["~ a.id Int8 -> Integer", "~ a.n Nullable<Text> -> Text", "+ a.t Timestamp", "- a.extra"],
    );
    check(Dialect::Sqlite, "table! { gone { id -> Integer, } }", &[], &["+ gone (1 columns)"]);
    // A type of the project's own is never drift.
    check(Dialect::Postgres, "table! { a { id -> Integer, m -> crate::Strange, } }", &["a: id int4!, m mood!"], &[]);
    // SQLite's keys may be NULL, and no table! says so.
    check(Dialect::Sqlite, "table! { a (k) { k -> Text, } }", &["a: k TEXT"], &[]);
}

#[test]
fn a_change_is_satisfied_by_the_catalog_that_has_it() {
    let before = models("table! { a { id -> Integer, } }");
    let after = models("table! { a { id -> Integer, b -> Text, } } table! { c { id -> Integer, d -> Text, } }");
    let own = changes(&before, &after);
    let left = |tables: &[&str]| -> Vec<String> {
        unsatisfied(&own, &catalog(Dialect::Postgres, tables)).iter().map(Change::describe).collect()
    };
    assert_eq!(left(&["a: id int4!"]), ["+ a.b Text", "+ c (2 columns)"]);
    assert_eq!(left(&["a: id int4!, b text!", "c: id int4!"]), ["+ c.d Text"]);
    assert_eq!(left(&["a: id int4!, b text!", "c: id int4!, d text!"]), Vec::<String>::new());
}

#[test]
fn an_uncertain_object_is_neither_right_nor_wrong() {
    let mut catalog = catalog(Dialect::Postgres, &["a: id int4!"]);
    catalog.uncertain.push(crate::catalog::Uncertain {
        objects: [Name::new("a")].into(),
        reason: "a DO block".to_owned(),
        at: Default::default(),
    });
    let own =
        changes(&models("table! { a { id -> Integer, } }"), &models("table! { a { id -> Integer, b -> Text, } }"));
    assert_eq!(satisfied(&own[0], &catalog), Satisfied::Unsure("a DO block".to_owned()));
    assert_eq!(drift(&models("table! { a { id -> Integer, b -> Text, } }"), &catalog), []);
}

#[test]
fn the_desired_catalog_has_the_changes_and_keeps_the_rest() {
    let baseline = catalog(Dialect::Sqlite, &["a: id INTEGER!, old TEXT, keep TEXT"]);
    let before = models("table! { a { id -> Integer, old -> Nullable<Text>, } }");
    let after = models(
        "table! { a { id -> Integer, new -> Nullable<Bool>, } } table! { b { id -> Integer, a_id -> Integer, } } joinable!(b -> a (a_id));",
    );
    let desired = desired(&baseline, &changes(&before, &after), &after).unwrap();
    let shown: Vec<_> = desired
        .tables
        .values()
        .map(|t| {
            let columns: Vec<_> =
                t.columns.iter().map(|c| format!("{} {}{}", c.name, c.ty, if c.nullable { "" } else { "!" })).collect();
            let keys: Vec<_> =
                t.foreign_keys.iter().map(|k| format!(" {}->{}", k.columns.join(","), k.references)).collect();
            format!("{}: {}{}", t.name, columns.join(", "), keys.concat())
        })
        .collect();
    assert_eq!(shown, ["a: id INTEGER!, keep TEXT, new BOOLEAN", "b: id INTEGER!, a_id INTEGER! a_id->a"]);
}

#[test]
fn an_unknown_type_is_named_with_its_place() {
    let after = models("table! {\n a {\n id -> Integer,\n m -> crate::Strange,\n } }");
    let error = desired(&Catalog::empty(Dialect::Postgres), &changes(&Models::default(), &after), &after).unwrap_err();
    assert_eq!(error.to_string(), "src/schema.rs:4: a.m has the type Strange, which PostgreSQL has no name for");
}

#[test]
fn enum_values_go_where_the_variants_stand() {
    let rust = |variants: &str| {
        models(&format!(
            "#[derive(DbEnum)] #[PgType = \"mood\"] #[DbValueStyle = \"verbatim\"] enum Mood {{ {variants} }}"
        ))
    };
    let mut baseline = Catalog::empty(Dialect::Postgres);
    let values = ["A", "C"].map(str::to_owned).to_vec();
    baseline.enums.insert(Name::new("mood"), EnumType { name: Name::new("mood"), values, comment: None });
    let own = changes(&rust("A, C"), &rust("A, B, C, D"));
    let described: Vec<_> = own.iter().map(Change::describe).collect();
    assert_eq!(described, ["+ enum mood 'B'", "+ enum mood 'D'"]);
    let after = desired(&baseline, &own, &rust("A, B, C, D")).unwrap();
    assert_eq!(after.enums[&Name::new("mood")].values, ["A", "B", "C", "D"]);
}

#[test]
fn what_looks_like_a_rename() {
    let check = |before: &str, after: &str, expected: &[&str]| {
        let own = changes(&models(before), &models(after));
        let found = rename_candidates(&own);
        let found: Vec<_> = found.iter().map(|c| format!("{} -> {}", c.old_path(), c.new_path())).collect();
        assert_eq!(found, expected);
    };
    check(
        "table! { a { id -> Integer, nick -> Text, age -> Integer, } }",
        "table! { a { id -> Integer, nick_name -> Text, born -> Date, } }",
        &["a.nick -> a.nick_name"],
    );
    check(
        "table! { tags { id -> Integer, label -> Text, } }",
        "table! { labels { id -> Integer, label -> Text, } }",
        &["tags -> labels"],
    );
}

#[test]
fn a_table_block_reads_back_as_itself() {
    let text = "table! { #[sql_name = \"people\"] users (id) { id -> Integer, #[sql_name = \"type\"] type_ -> Nullable<Text>, } }";
    let first = models(text);
    let table = first.tables.values().next().unwrap();
    let again = models(&table_block(table));
    assert_eq!(changes(&first, &again), []);
    assert_eq!(again.tables.values().next().unwrap().rust_name, "users");
}
