//! Rust in, what it says out.

use expect_test::{Expect, expect};

use super::{
    Change, Models, Satisfied, assemble, changes, desired, drift, interesting, parse_file, rename_candidates,
    satisfied, table_block, unsatisfied,
};
use crate::catalog::{Catalog, Column, EnumType, ForeignKey, Name, PrimaryKey, SqlType, Table, View};
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
            "+ new (1 column)",
            "- old",
        ],
    );
}

/// `Varchar` and `Text` are one type to Diesel and two to a database: a change where the chain has exactly
/// what the models said before.
#[test]
fn a_length_is_a_change_where_the_chain_has_the_old_one() {
    let varchar = |length: u32| format!("#[max_length = {length}] n -> Varchar");
    let (text, bare) = ("n -> Text".to_owned(), "n -> Varchar".to_owned());
    let cases = [
        (varchar(20), text.clone(), "varchar(20)", true),
        (text.clone(), varchar(20), "text", true),
        (varchar(20), varchar(40), "varchar(20)", true),
        (varchar(20), bare.clone(), "varchar(20)", true),
        // A revision has done it.
        (varchar(20), text.clone(), "text", false),
        (text.clone(), varchar(20), "varchar(20)", false),
        // `table!` was not printed from this schema.
        (varchar(20), text.clone(), "varchar(30)", false),
        (bare, text, "varchar", false),
    ];
    for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
        for (before, after, ty, expected) in &cases {
            let of = |column: &str| models(&format!("table! {{ a {{ id -> Integer, {column}, }} }}"));
            let own = changes(&of(before), &of(after));
            let mut catalog = catalog(dialect, &["a: id int4!, n text!"]);
            let (base, args) = ty.trim_end_matches(')').split_once('(').unwrap_or((ty, ""));
            let args = args.split(',').filter(|arg| !arg.is_empty()).map(str::to_owned).collect();
            let sized = SqlType::with_args(base, args, 0, dialect);
            catalog.table_mut(&Name::new("a")).unwrap().column_mut("n", dialect).unwrap().ty = sized;
            let left = unsatisfied(&own, &catalog);
            assert_eq!(!left.is_empty(), *expected && dialect != Dialect::Sqlite, "{dialect}: {before}, {after}, {ty}");
        }
    }
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
            table.columns.push(built.into());
        }
        table.primary_key = Some(PrimaryKey { name: None, columns: vec![table.columns[0].name.clone()] });
        catalog.tables.insert(table.name.clone(), table.into());
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
    check(Dialect::Sqlite, "table! { gone { id -> Integer, } }", &[], &["+ gone (1 column)"]);
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
        words: [].into(),
        reason: "a DO block".to_owned(),
        at: Default::default(),
    });
    let own =
        changes(&models("table! { a { id -> Integer, } }"), &models("table! { a { id -> Integer, b -> Text, } }"));
    assert_eq!(satisfied(&own[0], &catalog), Satisfied::Unsure("a DO block".to_owned()));
    assert_eq!(drift(&models("table! { a { id -> Integer, b -> Text, } }"), &catalog), []);
}

/// One line a table, as [`catalog`] takes it, with its foreign keys.
fn tables_of(catalog: &Catalog) -> Vec<String> {
    let line = |t: &Table| {
        let column = |c: &Column| format!("{} {}{}", c.name, c.ty, if c.nullable { "" } else { "!" });
        let columns: Vec<_> = t.columns.iter().map(|c| column(c)).collect();
        let key = |k: &ForeignKey| format!(" {}->{}({})", k.columns.join(","), k.references, k.ref_columns.join(","));
        format!("{}: {}{}", t.name, columns.join(", "), t.foreign_keys.iter().map(key).collect::<String>())
    };
    catalog.tables.values().map(|table| line(table)).collect()
}

#[test]
fn the_desired_catalog_has_the_changes_and_keeps_the_rest() {
    let baseline = catalog(Dialect::Sqlite, &["a: id INTEGER!, old TEXT, keep TEXT"]);
    let before = models("table! { a { id -> Integer, old -> Nullable<Text>, } }");
    let after = models(
        "table! { a { id -> Integer, new -> Nullable<Bool>, } } table! { b { id -> Integer, a_id -> Integer, } } joinable!(b -> a (a_id));",
    );
    let desired = desired(&baseline, &changes(&before, &after), &after, &[]).unwrap();
    let shown = tables_of(&desired);
    assert_eq!(shown, ["a: id INTEGER!, keep TEXT, new BOOLEAN", "b: id INTEGER!, a_id INTEGER! a_id->a(id)"]);
}

#[test]
fn an_unknown_type_is_named_with_its_place() {
    let after = models("table! {\n a {\n id -> Integer,\n m -> crate::Strange,\n } }");
    let error =
        desired(&Catalog::empty(Dialect::Postgres), &changes(&Models::default(), &after), &after, &[]).unwrap_err();
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
    let after = desired(&baseline, &own, &rust("A, B, C, D"), &[]).unwrap();
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

#[test]
fn what_is_compiled_for_tests_alone_is_no_schema() {
    check_models(
        r#"
#[cfg(test)] table! { in_test { id -> Integer, } }
#[cfg(all(test, unix))] mod a { table! { in_all { id -> Integer, } } }
mod b { #![cfg(test)] table! { in_inner { id -> Integer, } } }
cfg_if! { if #[cfg(test)] { table! { in_branch { id -> Integer, } } } else { table! { in_else { id -> Integer, } } } }
#[cfg(any(test, feature = "x"))] table! { in_any { id -> Integer, } }
#[cfg(not(test))] table! { in_not { id -> Integer, } }
#[cfg(test)] #[derive(DbEnum)] enum Fake { A }
#[cfg(test)] #[diesel(postgres_type(name = "real"))] struct RealMapping;
#[derive(DbEnum)] enum Other { A }
"#,
        &expect![[r#"
            in_any [id] (id Integer) line 6
            in_else [id] (id Integer) line 5
            in_not [id] (id Integer) line 7
            enum other: a
        "#]],
    );
    check_models("#![cfg(test)]\ntable! { t { id -> Integer, } }", &expect![[""]]);
}

#[test]
fn a_fast_look_denies_only_what_declares_nothing() {
    let cases = [
        ("diesel::table! {}", true),
        ("table ! {}", true),
        ("diesel::view\n! {}", true),
        ("joinable!(a -> b (c));", true),
        ("#[derive(DbEnum)]", true),
        ("use diesel::{Enum, Queryable};", true),
        ("#[derive(Debug, diesel::Enum)]", true),
        ("#[diesel(postgres_type(name = \"x\"))]", true),
        ("#[postgres(type_name = \"x\")]", true),
        ("#[diesel(sqlite_type(name = \"Text\"))]", true),
        ("assert!(x != y)", false),
        ("#[derive(strum::EnumIter, clap::ValueEnum)]", false),
        ("#[derive(Queryable)] struct User;", false),
        ("", false),
    ];
    for (text, expected) in cases {
        assert_eq!(interesting(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn a_file_that_was_read_leaves_no_text_behind() {
    let span = || {
        let tokens: proc_macro2::TokenStream = "a".parse().unwrap();
        tokens.into_iter().map(|token| format!("{:?}", token.span())).collect::<String>()
    };
    parse_file("a.rs", "struct A;").unwrap();
    let first = span();
    parse_file("a.rs", &"struct A; ".repeat(1000)).unwrap();
    assert_eq!(span(), first);
    assert!(parse_file("a.rs", &format!("{} struct", "struct A; ".repeat(1000))).is_err());
    assert_eq!(span(), first);
}

/// The changes from nothing applied to a baseline, or the error with its hint.
fn check_new(text: &str, baseline: &Catalog, expected: &Expect) {
    let after = models(text);
    let shown = match desired(baseline, &changes(&Models::default(), &after), &after, &[]) {
        Ok(catalog) => tables_of(&catalog).join("\n"),
        Err(error) => format!("{error}\nhint: {}", error.hints.join("; ")),
    };
    expected.assert_eq(&shown);
}

#[test]
fn a_column_of_an_enum_has_the_enums_type() {
    let text = r#"
#[derive(DbEnum)] enum Mood { Sad }
#[derive(DbEnum)] #[PgType = "colour"] #[DieselType = "Own"] enum Color { Red }
#[derive(Enum)] #[diesel(sql_type = Size, rename_all = "UPPERCASE")] enum SizeOf { Big }
#[diesel(postgres_type(name = "size", schema = "app"), sqlite_type(name = "Text"))] struct Size;
table! { use super::*; t { id -> Integer, m -> MoodMapping, c -> Nullable<Own>, s -> Array<Size>, o -> Nullable<Size>, } }
"#;
    check_models(
        text,
        &expect![[r#"
            t [id] (id Integer, m MoodMapping, c Nullable<Own>, s Array<Size>, o Nullable<Size>) line 6
            enum colour: red
            enum mood: sad
            enum app.size: BIG
        "#]],
    );
    check_new(
        text,
        &Catalog::empty(Dialect::Postgres),
        &expect!["t: id integer!, m mood!, c colour, s app.size[]!, o app.size"],
    );
    check_new(
        &text.replace("s -> Array<Size>,", ""),
        &Catalog::empty(Dialect::Sqlite),
        &expect!["t: id INTEGER!, m TEXT!, c TEXT, o TEXT"],
    );
}

#[test]
fn a_type_of_ones_own_is_what_sqlite_stores() {
    check_new(
        r#"
#[derive(SqlType)] #[diesel(sqlite_type(name = "Long"))] struct Cents;
#[derive(SqlType)] #[sqlite_type = "Text"] struct Code;
table! { use super::*; t { id -> Integer, a -> Cents, b -> Nullable<Code>, } }
"#,
        &Catalog::empty(Dialect::Sqlite),
        &expect!["t: id INTEGER!, a BIGINT!, b TEXT"],
    );
    check_new(
        "table! { use super::*; t { id -> Integer, a -> Cents, } }",
        &Catalog::empty(Dialect::Sqlite),
        &expect![[r#"
            src/schema.rs:1: t.a has the type Cents, which SQLite has no name for
            hint: declare what it stands for: #[diesel(sqlite_type(name = "…"))] on its struct; or write the revision by hand: cargo ops-migrate create --empty "…""#]],
    );
    // What it is stored as never makes a difference.
    let rust =
        "#[diesel(sqlite_type(name = \"Text\"))] struct Code; table! { use super::*; a { id -> Integer, c -> Code, } }";
    assert_eq!(drift(&models(rust), &catalog(Dialect::Sqlite, &["a: id INTEGER!, c INTEGER!"])), []);
}

#[test]
fn a_join_makes_a_foreign_key_only_where_it_must_be_one() {
    let check = |joins: &str, expected: &str| {
        let text = format!(
            "table! {{ one {{ id -> Integer, }} }} table! {{ two {{ id -> Integer, }} }} table! {{ pair (a, b) {{ a -> Integer, b -> Integer, }} }} view! {{ seen {{ id -> Integer, }} }}
             table! {{ child {{ id -> Integer, x -> Integer, y -> Integer, }} }} {joins}"
        );
        let after = models(&text);
        let before = models(text.split("table! { child").next().unwrap());
        let baseline =
            catalog(Dialect::Postgres, &["one: id integer!", "two: id integer!", "pair: a integer!, b integer!"]);
        let mut baseline = baseline;
        baseline.tables.get_mut(&Name::new("pair")).unwrap().primary_key.as_mut().unwrap().columns.push("b".to_owned());
        let made = desired(&baseline, &changes(&before, &after), &after, &[]).unwrap();
        let child = &tables_of(&made)[0];
        assert_eq!(child.strip_prefix("child: id integer!, x integer!, y integer!").unwrap(), expected, "{joins}");
    };
    check("joinable!(child -> one (x));", " x->one(id)");
    check("joinable!(child -> one (x)); joinable!(child -> one (x));", " x->one(id)");
    check("joinable!(child -> one (x)); joinable!(child -> two (y));", " x->one(id) y->two(id)");
    check("joinable!(child -> child (x));", " x->child(id)");
    // Which of the two?
    check("joinable!(child -> one (x)); joinable!(child -> two (x));", "");
    check("joinable!(child -> pair (x));", "");
    check("joinable!(child -> seen (x));", "");
}

/// A catalog with one view.
fn with_view(mut catalog: Catalog, name: &str) -> Catalog {
    let name = Name::new(name);
    let view = View {
        name: name.clone(),
        materialized: false,
        sql: String::new(),
        depends_on: [].into(),
        indexes: Vec::new(),
        comment: None,
    };
    catalog.views.insert(name, view);
    catalog
}

#[test]
fn a_view_is_satisfied_by_its_name_and_never_written() {
    let (none, before) = (Models::default(), models("view! { v { a -> Text, } }"));
    let empty = Catalog::empty(Dialect::Postgres);
    check_new(
        "\nview! { v { a -> Text, } }",
        &empty,
        &expect![[r#"
            src/schema.rs:2: the query of the view v is not in the models
            hint: write its CREATE VIEW by hand: cargo ops-migrate create --empty "…""#]],
    );
    let left = |own: &[Change], catalog: &Catalog| -> Vec<String> {
        unsatisfied(own, catalog).iter().map(Change::describe).collect()
    };
    let new = changes(&none, &before);
    assert_eq!(left(&new, &empty), ["+ view v"]);
    assert_eq!(left(&new, &with_view(empty.clone(), "v")), Vec::<String>::new());
    assert_eq!(left(&new, &catalog(Dialect::Postgres, &["v: other integer!"])), Vec::<String>::new());
    assert_eq!(drift(&before, &with_view(empty.clone(), "v")), []);
    assert_eq!(drift(&before, &catalog(Dialect::Postgres, &["v: other integer!"])), []);
    // Its columns are its query's, and what nobody mentions any more may stay.
    assert_eq!(changes(&before, &models("view! { v { b -> Integer, } }")), []);
    assert_eq!(left(&changes(&before, &none), &with_view(empty.clone(), "v")), Vec::<String>::new());
    assert_eq!(changes(&models("table! { v { id -> Integer, } }"), &before), []);
    assert_eq!(left(&changes(&before, &models("table! { v { id -> Integer, } }")), &empty), ["+ v (1 column)"]);
}

#[test]
fn a_change_differs_from_every_variant_of_before() {
    let two = |a: &str, b: &str| {
        format!("#[cfg(a)] table! {{ t {{ id -> Integer, {a} }} }} #[cfg(b)] table! {{ t {{ id -> Integer, {b} }} }}")
    };
    let one = |columns: &str| format!("table! {{ t {{ id -> Integer, {columns} }} }}");
    let both = two("x -> Text,", "x -> Integer, y -> Text,");
    // One of the variants was this already.
    check_changes(&both, &one("x -> Text, y -> Text,"), &[]);
    check_changes(&both, &one("x -> Integer, y -> Text,"), &[]);
    check_changes(&both, &both.replace("cfg(a)", "cfg(c)"), &[]);
    check_changes(&both, &one("x -> Bool, y -> Text,"), &["~ t.x Text -> Bool"]);
    check_changes(&both, &two("x -> Text,", "x -> Bool, y -> Text,"), &["~ t.x Text -> Bool"]);
    check_changes(&both, &two("x -> Text, z -> Text,", "x -> Integer, y -> Text,"), &["+ t.z Text"]);
    check_changes(&both, &one("x -> Nullable<Text>, y -> Text,"), &["~ t.x Text -> Nullable<Text>"]);
    check_changes(&both, &one("x -> Text,"), &["- t.y"]);
    // A column's alternatives are variants of its table.
    let column = "#[cfg(a)] x -> Text, #[cfg(b)] x -> Integer,";
    check_changes(&one(column), &one("x -> Integer,"), &[]);
    check_changes(&one("x -> Text,"), &one(column), &["~ t.x Text -> Integer"]);
    check_changes("", &both, &["+ t (2 columns)", "+ t.y Text"]);
    let key = |key: &str| {
        format!(
            "#[cfg(a)] table! {{ t (id) {{ id -> Integer, n -> Integer, }} }} #[cfg(b)] table! {{ t ({key}) {{ id -> Integer, n -> Integer, }} }}"
        )
    };
    check_changes(&key("id, n"), &one("n -> Integer,"), &[]);
    check_changes(&one("n -> Integer,"), &key("id, n"), &[]);
    check_changes(&key("id, n"), "table! { t (n) { id -> Integer, n -> Integer, } }", &["~ t primary key (id) -> (n)"]);
}

#[test]
fn where_variants_disagree_nothing_is_certain() {
    let both = models(
        "#[cfg(a)] table! { t { id -> Integer, x -> Text, } } #[cfg(b)] table! { t { id -> Integer, x -> Integer, y -> Text, } }",
    );
    let check = |before: &Models, after: &Models, tables: &[&str], expected: &[(&str, &str)]| {
        let catalog = catalog(Dialect::Postgres, tables);
        let own = changes(before, after);
        let word = |change: &Change| match satisfied(change, &catalog) {
            Satisfied::Yes => "yes",
            Satisfied::No => "no",
            Satisfied::Unsure(_) => "unsure",
        };
        let found: Vec<_> = own.iter().map(|change| (change.describe(), word(change))).collect();
        let found: Vec<_> = found.iter().map(|(text, word)| (text.as_str(), *word)).collect();
        assert_eq!(found, expected, "{tables:?}");
    };
    let none = Models::default();
    let only_id = models("table! { t { id -> Integer, } }");
    check(&none, &both, &[], &[("+ t (2 columns)", "no"), ("+ t.y Text", "unsure")]);
    check(&only_id, &both, &["t: id integer!"], &[("+ t.x Text", "no"), ("+ t.y Text", "unsure")]);
    check(&only_id, &both, &["t: id integer!, x integer!"], &[("+ t.x Text", "yes"), ("+ t.y Text", "unsure")]);
    check(&only_id, &both, &["t: id integer!, x text!, y text!"], &[("+ t.x Text", "yes"), ("+ t.y Text", "yes")]);
    check(&only_id, &both, &["t: id integer!, x boolean!"], &[("+ t.x Text", "unsure"), ("+ t.y Text", "unsure")]);
    check(&both, &only_id, &["t: id integer!, x text!, y text!"], &[("- t.x", "no"), ("- t.y", "unsure")]);
    let described = |tables: &[&str]| -> Vec<String> {
        drift(&both, &catalog(Dialect::Postgres, tables)).iter().map(Change::describe).collect()
    };
    assert_eq!(described(&["t: id integer!, x boolean!"]), Vec::<String>::new());
    assert_eq!(described(&["t: id bigint!, x integer!, z text"]), ["~ t.id Int8 -> Integer", "- t.z"]);
    assert_eq!(described(&[]), ["+ t (2 columns)"]);
    // What all of them have is written as the first says it.
    let made = desired(&Catalog::empty(Dialect::Postgres), &changes(&none, &both)[..1], &both, &[]).unwrap();
    assert_eq!(tables_of(&made), ["t: id integer!, x text!"]);
    // One for each backend, in files of their own.
    let files = [
        ("src/sqlite/schema.rs", "table! { t { id -> Integer, at -> Timestamp, } } table! { u { id -> Integer, } }"),
        ("src/postgres/schema.rs", "table! { t { id -> Integer, at -> Timestamptz, } }"),
    ];
    let apart = try_models(&files, &[]).unwrap();
    assert_eq!(drift(&apart, &catalog(Dialect::Postgres, &["t: id integer!, at timestamptz!", "u: id integer!"])), []);
}

#[test]
fn an_enum_that_nothing_uses_any_more_goes() {
    let with = "#[derive(DbEnum)] enum Mood { Sad } table! { t { id -> Integer, m -> crate::MoodMapping, } } table! { u { id -> Integer, } }";
    let without = "table! { t { id -> Integer, } } table! { u { id -> Integer, } }";
    check_changes(with, without, &["- t.m", "- enum mood"]);
    check_changes(without, without, &[]);
    // Something still names it.
    check_changes(with, &format!("{without} #[diesel(postgres_type(name = \"mood\"))] struct Mood;"), &["- t.m"]);
    let column = "#[diesel(postgres_type(name = \"mood\"))] struct MoodMapping; table! { t { id -> Integer, m -> crate::MoodMapping, } } table! { u { id -> Integer, } }";
    check_changes(with, column, &[]);
    let check = |u: &str, left: &[&str], enums: usize| {
        let mut baseline = catalog(Dialect::Postgres, &["t: id integer!, m mood!", u]);
        let ty = EnumType { name: Name::new("mood"), values: vec!["sad".to_owned()], comment: None };
        baseline.enums.insert(ty.name.clone(), ty);
        let own = changes(&models(with), &models(without));
        let missing: Vec<_> = unsatisfied(&own, &baseline).iter().map(Change::describe).collect();
        assert_eq!(missing, left);
        assert_eq!(desired(&baseline, &own, &models(without), &[]).unwrap().enums.len(), enums);
    };
    check("u: id integer!", &["- t.m", "- enum mood"], 0);
    check("u: id integer!, hidden mood", &["- t.m"], 1);
    // SQLite has no enum types.
    let own = changes(&models(with), &models(without));
    let sqlite = catalog(Dialect::Sqlite, &["t: id INTEGER!", "u: id INTEGER!"]);
    assert_eq!(unsatisfied(&own, &sqlite), []);
}

#[test]
fn the_columns_of_a_new_key_are_not_null() {
    let before = models("table! { a { id -> Integer, n -> Integer, } }");
    let after = models("table! { a (id, n) { id -> Integer, n -> Integer, } }");
    let baseline = catalog(Dialect::Postgres, &["a: id integer!, n integer, o integer"]);
    let made = desired(&baseline, &changes(&before, &after), &after, &[]).unwrap();
    assert_eq!(tables_of(&made), ["a: id integer!, n integer!, o integer"]);
}

#[test]
fn a_block_is_valid_rust_and_says_all_that_it_said() {
    let blocks = [
        r#"diesel::table! {
    #[sql_name = "user"]
    app.users (r#type, id) {
        id -> Int4,
        #[sql_name = "kind"]
        #[max_length = 10]
        type_ -> Nullable<Varchar>,
        #[auto_increment]
        r#type -> Array<Nullable<Text>>,
    }
}
"#,
        "diesel::view! {\n    seen {\n        id -> Integer,\n    }\n}\n",
    ];
    for text in blocks {
        let printed: String = models(text).tables.values().map(table_block).collect();
        assert_eq!(printed, text);
    }
}
