//! Scripts on a real SQLite: the rows of a changed table and of those that reference it survive
//! the way up and the way back, in the mode that the script asks for.

use proptest::prelude::*;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

use crate::catalog::{Action, AutoValue, Catalog, Expr, Generated, Name, Trigger, View};
use crate::dialect::Dialect;
use crate::diff::Answers;
use crate::render::testing::{catalog, check_of, column, index, key, strings, table, unique};
use crate::render::{Script, schema_sql, script};

const SQLITE: Dialect = Dialect::Sqlite;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Two catalogs, rows in the first, and what is asked of the database after each step.
struct Case {
    from: Catalog,
    to: Catalog,
    answers: Answers,
    rows: String,
    /// Queries with one text column `row`.
    queries: &'static [&'static str],
}

impl Case {
    /// The rows after `up` and after `down`. The outcome is the same with foreign keys on, as in the
    /// SQLite that is compiled in, and off, as in most others.
    fn run(&self) -> (Script, [Vec<String>; 2]) {
        let with = self.run_with("ON");
        assert_eq!(with.1, self.run_with("OFF").1);
        with
    }

    fn run_with(&self, foreign_keys: &str) -> (Script, [Vec<String>; 2]) {
        let script = script(&self.from, &self.to, &self.answers).expect("the script renders");
        let mut connection = SqliteConnection::establish(":memory:").expect("SQLite opens");
        connection.batch_execute(&format!("PRAGMA foreign_keys = {foreign_keys};")).expect("foreign keys");
        connection.batch_execute(&schema_sql(&self.from)).unwrap_or_else(|e| panic!("{e}\n{}", schema_sql(&self.from)));
        connection.batch_execute(&self.rows).expect("rows");
        run(&mut connection, &script.up, script.run_in_transaction);
        let after_up = self.read(&mut connection);
        run(&mut connection, &script.down, script.run_in_transaction);
        let after_down = self.read(&mut connection);
        run(&mut connection, &script.up, script.run_in_transaction);
        assert_eq!(ask(&mut connection, "SELECT 'broken' AS row FROM pragma_foreign_key_check"), [""; 0]);
        (script, [after_up, after_down])
    }

    fn read(&self, connection: &mut SqliteConnection) -> Vec<String> {
        self.queries.iter().flat_map(|query| ask(connection, query)).collect()
    }

    /// Every query answers the same before, after `up` and after `down`.
    fn keeps(&self, in_transaction: bool, expected: &[&str]) -> Script {
        let (script, [up, down]) = self.run();
        assert_eq!(script.run_in_transaction, in_transaction, "{}", script.up);
        assert_eq!(up, expected, "{}", script.up);
        assert_eq!(down, expected, "{}", script.down);
        script
    }
}

fn run(connection: &mut SqliteConnection, sql: &str, in_transaction: bool) {
    let result = if in_transaction {
        connection.transaction(|connection| connection.batch_execute(sql))
    } else {
        connection.batch_execute(sql)
    };
    result.unwrap_or_else(|error| panic!("{error}\n{sql}"));
}

fn ask(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let rows: Vec<Row> = diesel::sql_query(query).load(connection).unwrap_or_else(|e| panic!("{e}\n{query}"));
    rows.into_iter().map(|row| row.row).collect()
}

const PARENTS: &str = "SELECT id || ':' || name AS row FROM parents ORDER BY id";
const CHILDREN: &str = "SELECT id || '>' || coalesce(parent_id, 'NULL') AS row FROM children ORDER BY id";
const ROWS: &str = "INSERT INTO parents (id, name) VALUES (1, 'a'), (2, 'b');
    INSERT INTO children (id, parent_id) VALUES (10, 1), (11, 2), (12, 2);";
const KEPT: &[&str] = &["1:a", "2:b", "10>1", "11>2", "12>2"];

/// `parents.name` becomes NOT NULL while `children` reference it.
fn tighten(on_delete: Action) -> Case {
    let mut children = table("children", &["parent_id integer null"], SQLITE);
    children.foreign_keys.push(key(&["parent_id"], "parents", on_delete));
    children.indexes.push(index("children_parent_id", &["parent_id"]));
    let from = catalog(SQLITE, [table("parents", &["name text null"], SQLITE), children.clone()]);
    let to = catalog(SQLITE, [table("parents", &["name text"], SQLITE), children]);
    Case { from, to, answers: Answers::default(), rows: ROWS.to_owned(), queries: &[PARENTS, CHILDREN] }
}

#[test]
fn children_without_actions_stay_in_the_transaction() {
    tighten(Action::NoAction).keeps(true, KEPT);
    tighten(Action::Restrict).keeps(true, KEPT);
}

#[test]
fn children_with_actions_survive_outside_of_the_transaction() {
    tighten(Action::Cascade).keeps(false, KEPT);
    tighten(Action::SetNull).keeps(false, KEPT);
    tighten(Action::SetDefault).keeps(false, KEPT);
}

#[test]
fn a_self_reference_with_cascade_keeps_its_rows() {
    let tree = |name: &str| {
        let mut tree = table("parents", &[name, "parent_id integer null"], SQLITE);
        tree.foreign_keys.push(key(&["parent_id"], "parents", Action::Cascade));
        catalog(SQLITE, [tree])
    };
    let case = Case {
        from: tree("name text null"),
        to: tree("name text"),
        answers: Answers::default(),
        rows: "INSERT INTO parents (id, name, parent_id) VALUES (1, 'a', NULL), (2, 'b', 1), (3, 'c', 2)".to_owned(),
        queries: &[PARENTS, "SELECT coalesce(parent_id, 'NULL') AS row FROM parents ORDER BY id"],
    };
    case.keeps(false, &["1:a", "2:b", "3:c", "NULL", "1", "2"]);
}

#[test]
fn a_plain_self_reference_stays_one() {
    let tree = |name: &str| {
        let mut tree = table("parents", &[name, "parent_id integer null"], SQLITE);
        tree.foreign_keys.push(key(&["parent_id"], "parents", Action::NoAction));
        catalog(SQLITE, [tree])
    };
    let case = Case {
        from: tree("name text null"),
        to: tree("name text"),
        answers: Answers::default(),
        rows: "INSERT INTO parents (id, name, parent_id) VALUES (1, 'a', NULL), (2, 'b', 1)".to_owned(),
        queries: &[PARENTS, "SELECT \"table\" AS row FROM pragma_foreign_key_list('parents')"],
    };
    case.keeps(true, &["1:a", "2:b", "parents"]);
}

#[test]
fn autoincrement_goes_on_counting() {
    let counted = |name: &str| {
        let mut parents = table("parents", &[name], SQLITE);
        parents.columns[0].auto = Some(AutoValue::Increment);
        catalog(SQLITE, [parents])
    };
    let case = Case {
        from: counted("name text null"),
        to: counted("name text"),
        answers: Answers::default(),
        rows: "INSERT INTO parents (name) VALUES ('a'), ('b'), ('c'); DELETE FROM parents WHERE id > 1;".to_owned(),
        queries: &[PARENTS, "SELECT name || '=' || seq AS row FROM sqlite_sequence"],
    };
    case.keeps(true, &["1:a", "parents=3"]);
    let emptied = Case { rows: "INSERT INTO parents (name) VALUES ('a'); DELETE FROM parents;".to_owned(), ..case };
    emptied.keeps(true, &["parents=1"]);
}

/// Views, triggers of both tables and indexes are there and work after the table was made anew.
#[test]
fn dependants_of_the_table_stay() {
    let mut case = tighten(Action::NoAction);
    for catalog in [&mut case.from, &mut case.to] {
        let name = Name::new("shouted");
        let sql = "CREATE VIEW shouted AS SELECT id, upper(name) AS name FROM parents".to_owned();
        let depends_on = [Name::new("parents")].into();
        let view =
            View { name: name.clone(), materialized: false, sql, depends_on, indexes: Vec::new(), comment: None };
        catalog.views.insert(name, view);
        for (of, name, body) in [
            (
                "parents",
                "parents_log",
                "AFTER INSERT ON parents BEGIN INSERT INTO log (id, text) VALUES (new.id, new.name); END",
            ),
            (
                "children",
                "children_log",
                "AFTER INSERT ON children BEGIN UPDATE parents SET name = name || '!' WHERE id = new.parent_id; END",
            ),
        ] {
            let trigger =
                Trigger { name: name.to_owned(), sql: format!("CREATE TRIGGER {name} {body}"), function: None };
            catalog.table_mut(&Name::new(of)).expect("table").triggers.push(trigger);
        }
        catalog.table_mut(&Name::new("parents")).expect("table").indexes.push(index("parents_name", &["name"]));
        catalog.tables.insert(Name::new("log"), table("log", &["text text null"], SQLITE).into());
    }
    case.queries = &[
        PARENTS,
        "SELECT name AS row FROM shouted ORDER BY id",
        "SELECT name AS row FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name",
        "SELECT id || '=' || text AS row FROM log ORDER BY id",
    ];
    let rest = ["children_log", "children_parent_id", "parents_log", "parents_name", "1=a", "2=b"];
    case.keeps(true, &[&["1:a!", "2:b!!", "A!", "B!!"][..], &rest].concat());
}

/// A view that uses one which is made again is made again, too: `ALTER TABLE` reads all views.
#[test]
fn views_of_views_step_aside() {
    let of = |columns: &[&str], others: &[&str], shown: &str| {
        let mut of = catalog(SQLITE, [table("parents", columns, SQLITE), table("others", others, SQLITE)]);
        let views = [
            ("seen", format!("SELECT {shown} FROM parents"), "parents"),
            ("again", "SELECT id FROM seen".to_owned(), "seen"),
        ];
        for (name, query, source) in views {
            let (name, sql) = (Name::new(name), format!("CREATE VIEW {name} AS {query}"));
            let depends_on = [Name::new(source)].into();
            let view =
                View { name: name.clone(), materialized: false, sql, depends_on, indexes: Vec::new(), comment: None };
            of.views.insert(name, view);
        }
        of
    };
    let case = Case {
        from: of(&["name text", "note text null"], &["old text null"], "id, name, note"),
        to: of(&["name text"], &[], "id, name"),
        answers: Answers::default(),
        rows: "INSERT INTO parents (id, name) VALUES (1, 'a')".to_owned(),
        queries: &[PARENTS, "SELECT id AS row FROM again"],
    };
    case.keeps(true, &["1:a", "1"]);
}

#[test]
fn generated_columns_are_left_out_of_the_copy() {
    for stored in [false, true] {
        let of = |name: &str| {
            let mut parents = table("parents", &[name, "twice text null"], SQLITE);
            parents.columns[2].generated = Some(Generated { expr: Expr::new("name || name"), stored });
            catalog(SQLITE, [parents])
        };
        let case = Case {
            from: of("name text null"),
            to: of("name text"),
            answers: Answers::default(),
            rows: "INSERT INTO parents (id, name) VALUES (1, 'a')".to_owned(),
            queries: &[PARENTS, "SELECT twice AS row FROM parents"],
        };
        case.keeps(true, &["1:a", "aa"]);
    }
}

#[test]
fn fills_reach_the_rows_that_exist() {
    let mut from = catalog(SQLITE, [table("parents", &["name text null"], SQLITE)]);
    let to = catalog(SQLITE, [table("parents", &["name text", "kind text"], SQLITE)]);
    from.table_mut(&Name::new("parents")).expect("table").uniques.push(unique(&["name"]));
    let mut answers = Answers::default();
    for (column, value) in [("name", "'nobody'"), ("kind", "upper(coalesce(name, 'x'))")] {
        answers.fills.insert((Name::new("parents"), column.to_owned()), Expr::new(value));
    }
    let rows = "INSERT INTO parents (id, name) VALUES (1, 'a'), (2, NULL)".to_owned();
    let case = Case { from, to, answers, rows, queries: &[PARENTS] };
    let (_, [up, down]) = case.run();
    assert_eq!((up, down), (strings(&["1:a", "2:nobody"]), strings(&["1:a", "2:nobody"])));
}

/// A dropped NOT NULL column comes back with a value that says nothing, dates stay whole.
#[test]
fn the_way_back_runs_with_rows() {
    let from = catalog(SQLITE, [table("parents", &["name text", "at text", "kind text", "n integer"], SQLITE)]);
    let to = catalog(SQLITE, [table("parents", &["name text", "at timestamp"], SQLITE)]);
    let case = Case {
        from,
        to,
        answers: Answers::default(),
        rows: "INSERT INTO parents VALUES (1, 'a', '2024-01-02 03:04:05', 'k', 7)".to_owned(),
        queries: &[PARENTS, "SELECT at AS row FROM parents"],
    };
    let script = case.keeps(true, &["1:a", "2024-01-02 03:04:05"]);
    let header = script.down.lines().take(5).collect::<Vec<_>>();
    assert!(header.contains(&"-- restores the structure only: the values of parents.kind are lost"), "{}", script.down);
    assert!(header.contains(&"-- rows that exist get '' for parents.kind"), "{}", script.down);
}

#[test]
fn alter_table_does_what_it_can() {
    let before = table("parents", &["name text", "old text null"], SQLITE);
    let mut after = table("parents", &["name text", "child_id integer null", "n integer default 0"], SQLITE);
    after.foreign_keys.push(key(&["child_id"], "children", Action::SetNull));
    after.checks.push(check_of("n >= 0"));
    let children = || table("children", &[], SQLITE);
    let case = Case {
        from: catalog(SQLITE, [before, children()]),
        to: catalog(SQLITE, [after, children()]),
        answers: Answers::default(),
        rows: "INSERT INTO children VALUES (5); INSERT INTO parents (id, name) VALUES (1, 'a')".to_owned(),
        queries: &[PARENTS],
    };
    let script = case.keeps(true, &["1:a"]);
    assert_eq!(
        script.up,
        "ALTER TABLE parents ADD COLUMN child_id INTEGER REFERENCES children (id) ON DELETE SET NULL;\n\n\
         ALTER TABLE parents ADD COLUMN n INTEGER NOT NULL DEFAULT 0 CHECK (n >= 0);\n\n\
         -- loses the values of parents.old\nALTER TABLE parents DROP COLUMN old;\n"
    );
}

#[test]
fn renames_come_before_the_new_table() {
    let mut case = tighten(Action::NoAction);
    let mut parents = case.to.tables.remove(&Name::new("parents")).expect("table");
    parents.name = Name::new("people");
    parents.columns[1] = column("title text", SQLITE).into();
    case.to.tables.insert(parents.name.clone(), parents);
    case.to.table_mut(&Name::new("children")).expect("table").foreign_keys[0].references = Name::new("people");
    case.answers.renames.tables.insert(Name::new("parents"), Name::new("people"));
    case.answers.renames.columns.insert((Name::new("people"), "name".to_owned()), "title".to_owned());
    case.queries = &[CHILDREN, "SELECT \"table\" AS row FROM pragma_foreign_key_list('children')"];
    let (script, [up, down]) = case.run();
    assert_eq!(up.last().map(String::as_str), Some("people"), "{}", script.up);
    assert_eq!(down.last().map(String::as_str), Some("parents"), "{}", script.down);
    assert_eq!(up[..3], down[..3]);
}

/// Tables that reference each other and are both dropped.
#[test]
fn a_cycle_of_dropped_tables_goes() {
    let of = |name: &str, other: &str| {
        let mut one = table(name, &["other integer null"], SQLITE);
        one.foreign_keys.push(key(&["other"], other, Action::NoAction));
        one
    };
    let case = Case {
        from: catalog(SQLITE, [of("a", "b"), of("b", "a"), table("parents", &["name text"], SQLITE)]),
        to: catalog(SQLITE, [table("parents", &["name text"], SQLITE)]),
        answers: Answers::default(),
        rows: "INSERT INTO parents VALUES (1, 'a'); INSERT INTO a VALUES (1, NULL); INSERT INTO b VALUES (1, 1);
            UPDATE a SET other = 1;"
            .to_owned(),
        queries: &[PARENTS],
    };
    case.keeps(true, &["1:a"]);
}

/// A row that points nowhere after the copy stops the script, and the transaction takes it back.
#[test]
fn a_new_foreign_key_refuses_orphans() {
    let children = || table("children", &["parent_id integer null"], SQLITE);
    let mut bound = children();
    bound.foreign_keys.push(key(&["parent_id"], "parents", Action::NoAction));
    let parents = || table("parents", &["name text"], SQLITE);
    let from = catalog(SQLITE, [parents(), children()]);
    let to = catalog(SQLITE, [parents(), bound]);
    let script = script(&from, &to, &Answers::default()).expect("the script renders");
    let mut connection = SqliteConnection::establish(":memory:").expect("SQLite opens");
    connection.batch_execute("PRAGMA foreign_keys = ON;").expect("foreign keys");
    connection.batch_execute(&schema_sql(&from)).expect("schema");
    connection.batch_execute("INSERT INTO children VALUES (1, 99)").expect("rows");
    let error = connection.transaction(|c| c.batch_execute(&script.up)).expect_err("an orphan");
    assert!(error.to_string().contains("violations = 0"), "{error}");
    assert_eq!(ask(&mut connection, CHILDREN), ["1>99"]);
}

/// The way up needs no new table, the way back does, and with foreign keys off: one flag for both.
#[test]
fn both_ways_run_in_one_mode() {
    let mut case = tighten(Action::Cascade);
    case.from = {
        let mut from = case.to.clone();
        from.table_mut(&Name::new("parents")).expect("table").columns.push(column("kind text", SQLITE).into());
        from
    };
    case.rows = "INSERT INTO parents (id, name, kind) VALUES (1, 'a', 'x'), (2, 'b', 'x');
        INSERT INTO children (id, parent_id) VALUES (10, 1), (11, 2), (12, 2);"
        .to_owned();
    let script = case.keeps(false, KEPT);
    assert!(script.up.starts_with("BEGIN IMMEDIATE;"), "{}", script.up);
}

/// Columns `a`, `b` and `c` of a random shape, and what else may change about `parents`.
#[derive(Debug, Clone)]
struct Shape {
    /// Type, nullable, default, indexed.
    columns: [Option<(bool, bool, bool, bool)>; 3],
    counted: bool,
    checked: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let column = || proptest::option::of(any::<(bool, bool, bool, bool)>());
    let columns = [column(), column(), column()];
    (columns, any::<bool>(), any::<bool>()).prop_map(|(columns, counted, checked)| Shape { columns, counted, checked })
}

impl Shape {
    fn catalog(&self, on_delete: Action) -> Catalog {
        let mut parents = table("parents", &["name text"], SQLITE);
        parents.columns[0].auto = self.counted.then_some(AutoValue::Increment);
        for (name, shape) in ["a", "b", "c"].iter().zip(self.columns) {
            let Some((number, nullable, default, indexed)) = shape else { continue };
            let ty = if number { "integer" } else { "text" };
            let mut new = column(&format!("{name} {ty}"), SQLITE);
            new.nullable = nullable;
            new.default = default.then(|| Expr::new(if number { "7" } else { "'seven'" }));
            parents.columns.push(new.into());
            if indexed {
                parents.indexes.push(index(&format!("parents_{name}"), &[name]));
            }
        }
        if self.checked {
            parents.checks.push(check_of("length(name) > 0"));
        }
        let mut children = table("children", &["parent_id integer null"], SQLITE);
        children.foreign_keys.push(key(&["parent_id"], "parents", on_delete));
        catalog(SQLITE, [parents, children])
    }

    fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        for (name, shape) in ["a", "b", "c"].iter().zip(self.columns) {
            if let Some((number, false, _, _)) = shape {
                let value = if number { "3" } else { "'three'" };
                answers.fills.insert((Name::new("parents"), (*name).to_owned()), Expr::new(value));
            }
        }
        answers
    }

    /// Rows whose columns are given only where they must be.
    fn rows(&self) -> String {
        let (mut names, mut values) = (String::new(), String::new());
        for (name, shape) in ["a", "b", "c"].iter().zip(self.columns) {
            if let Some((_, false, false, _)) = shape {
                names.push_str(&format!(", {name}"));
                values.push_str(", 5");
            }
        }
        format!(
            "INSERT INTO parents (id, name{names}) VALUES (1, 'a'{values}), (2, 'b'{values});
            INSERT INTO children (id, parent_id) VALUES (10, 1), (11, 2), (12, 2);"
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever changes about a table, its rows and its children's are there after each way.
    #[test]
    fn rows_survive_any_change(from in shape(), to in shape(), cascade in any::<bool>()) {
        let action = if cascade { Action::Cascade } else { Action::NoAction };
        let rows = from.rows();
        let (answers, from, to) = (to.answers(), from.catalog(action), to.catalog(action));
        let (_, [up, down]) = Case { from, to, answers, rows, queries: &[PARENTS, CHILDREN] }.run();
        prop_assert_eq!(&up, KEPT);
        prop_assert_eq!(&down, KEPT);
    }
}
