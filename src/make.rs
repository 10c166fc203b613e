//! From models to a revision's script: which changes are the user's own, which questions stand in
//! the way, what is written. Values in, values out; who asks and who writes is decided elsewhere.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Expr, Name};
use crate::diff::{Answers, Parts, Renames};
use crate::error::{Error, Result};
use crate::models::{self, Candidate, Change, Models, Rename, Satisfied};
use crate::operation::Operation;
use crate::render::{self, Part, Ways};

/// What the user said, by flags or by answers.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Write inherited drift too.
    pub all: bool,
    pub renames: Vec<Rename>,
    /// Tables and columns (`table.column`) that are really dropped, not renamed.
    pub drops: Vec<String>,
    /// Values of existing rows for columns that are or become NOT NULL, by table and column.
    pub fills: BTreeMap<(Name, String), Expr>,
    /// How old values become new ones where a type changes.
    pub using: BTreeMap<(Name, String), Expr>,
    /// How new values become old ones again on the way back, by the names of before.
    pub using_back: BTreeMap<(Name, String), Expr>,
    /// The value that rows get where one of an enum goes, on the way there or back.
    pub maps: Parts,
    pub ways: Ways,
}

/// Something that only a person can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Something vanished and something like it appeared: is it a rename?
    Rename(Candidate),
    /// Existing rows need a value.
    Fill { table: Name, column: String, ty: String },
    /// Without git nobody knows whether this was ever in the models.
    Drop { what: String },
}

/// What would be written for one chain.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The changes that the revision carries.
    pub changes: Vec<Change>,
    /// Differences that were there before.
    pub inherited: Vec<Change>,
    /// Changes that could not be judged, with the reason; they are not written.
    pub unsure: Vec<(Change, String)>,
    pub questions: Vec<Question>,
    /// The schema after the revision.
    pub desired: Catalog,
    /// What each revision does, in their order: usually one, none where nothing is to be done.
    pub parts: Vec<Part>,
}

impl Draft {
    /// What all revisions do.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.parts.iter().flat_map(|part| &part.script.operations)
    }
}

/// Drafts a revision on top of `baseline`. `before` are the models as of the last commit that
/// touched the chain; `None` where there is no git.
///
/// # Errors
/// Where a type is unknown to the dialect, a rename names what is not there, or the operations
/// cannot be rendered.
pub fn draft(before: Option<&Models>, now: &Models, baseline: &Catalog, wishes: &Wishes) -> Result<Draft> {
    if let Some(error) = before.and_then(|before| models::owned::contradiction(before, now)) {
        return Err(error);
    }
    let wishes = &stated(before, now, baseline, wishes);
    let first = wanted(before, now, baseline, wishes.all).0;
    let mut questions: Vec<Question> = open_renames(&first, wishes).into_iter().map(Question::Rename).collect();
    let (renames, mut values) = renames(wishes, baseline)?;
    let back_values = mapped(wishes, baseline, &renames, &mut values)?;
    let renamed = renames.apply(baseline);
    let before = before.map(|models| models::apply_renames(models, &wishes.renames));
    let (changes, unsure) = wanted(before.as_ref(), now, &renamed, wishes.all);
    let inherited = models::drift(now, &renamed)
        .into_iter()
        .filter(|d| !changes.iter().chain(unsure.iter().map(|(c, _)| c)).any(|c| c.covers(d)))
        // The history of what is renamed is written along.
        .filter(|d| !matches!(d, Change::History { base, .. } if wishes.renames.iter().any(|r| r.of() == *base)))
        .collect();
    let desired = models::desired(&renamed, &changes, now, &wishes.renames)?;
    questions.extend(open_fills(&changes, &renamed, &desired, wishes));
    if before.is_none() {
        questions.extend(open_drops(&changes, wishes));
    }
    let (fills, using, back_using) = (wishes.fills.clone(), wishes.using.clone(), wishes.using_back.clone());
    let answers = Answers { renames, fills, using, back_using, values, back_values, ..Answers::default() };
    let parts = render::parts(baseline, &desired, &answers, wishes.ways)?;
    Ok(Draft { changes, inherited, unsure, questions, desired, parts })
}

/// The wishes with what the structs state themselves: renames, values for rows, how types change.
fn stated(before: Option<&Models>, now: &Models, baseline: &Catalog, wishes: &Wishes) -> Wishes {
    let mut wishes = wishes.clone();
    rename_labels(&mut wishes, baseline);
    for rename in models::owned::stated_renames(now, baseline) {
        if !wishes.renames.iter().any(|known| known.old_path() == rename.old_path()) {
            wishes.renames.push(rename);
        }
    }
    for (table, owned) in &now.owned {
        let at = |column: &String| (table.clone(), column.clone());
        for (column, expr) in &owned.backfills {
            wishes.fills.entry(at(column)).or_insert_with(|| expr.clone());
        }
        for (column, expr) in &owned.using {
            wishes.using.entry(at(column)).or_insert_with(|| expr.clone());
        }
        let lacks =
            |name: &String| baseline.table(table).is_some_and(|t| t.indexes.iter().all(|one| one.name != *name));
        wishes.ways.concurrently |= owned.concurrent.iter().any(lacks);
    }
    follow(before, now, baseline, &mut wishes);
    wishes
}

/// MySQL: the values of an enum are a part of its column's type, so that one of them gets another
/// name where the rows' values change with the type, there and back.
fn rename_labels(wishes: &mut Wishes, baseline: &Catalog) {
    let mut labels: BTreeMap<(Name, String), Vec<(String, String)>> = BTreeMap::new();
    wishes.renames.retain(|rename| {
        let (Some(table), Some(label)) = (&rename.table.schema, &rename.column) else { return true };
        let (table, column) = (Name::new(table.as_str()), rename.table.name.clone());
        let found = baseline.table(&table).and_then(|table| table.column(&column, baseline.dialect));
        let old = baseline.dialect.literal(label);
        let is_label = found.is_some_and(|column| column.ty.base == "enum" && column.ty.args.contains(&old));
        if is_label {
            labels.entry((table, column)).or_default().push((old, baseline.dialect.literal(&rename.to)));
        }
        !is_label
    });
    for (at, pairs) in labels {
        let column = baseline.dialect.quote(&at.1);
        let case = |pairs: Vec<(&String, &String)>| {
            let whens: Vec<String> = pairs.iter().map(|(old, new)| format!("WHEN {old} THEN {new}")).collect();
            Expr::new(format!("CASE {column} {} ELSE {column} END", whens.join(" ")))
        };
        wishes.using.entry(at.clone()).or_insert_with(|| case(pairs.iter().map(|(old, new)| (old, new)).collect()));
        wishes.using_back.entry(at).or_insert_with(|| case(pairs.iter().map(|(old, new)| (new, old)).collect()));
    }
}

/// What is said of a table holds for its history: renames, and how types change.
fn follow(before: Option<&Models>, now: &Models, baseline: &Catalog, wishes: &mut Wishes) {
    let mut renames = Vec::new();
    for (base, history) in &now.history {
        let of_table = wishes.renames.iter().find(|rename| rename.column.is_none() && rename.of() == *base);
        let old = of_table.map_or(base, |rename| &rename.table);
        let known = before.and_then(|before| before.history.get(old)).unwrap_or(history);
        let (old, new) = (known.of(old), history.of(base));
        let Some(mirror) = baseline.table(&old) else { continue };
        if old != new && baseline.table(&new).is_none() {
            renames.push(Rename { table: old, column: None, to: new.name.clone() });
        }
        for rename in wishes.renames.iter().filter(|rename| rename.table == *base) {
            let Some(column) = &rename.column else { continue };
            let has = |name: &str| mirror.column(name, baseline.dialect).is_some();
            if has(column) && !has(&rename.to) {
                renames.push(Rename { table: new.clone(), ..rename.clone() });
            }
        }
        let of_base = |((table, column), expr): (&(Name, String), &Expr)| {
            (table == base).then(|| ((new.clone(), column.clone()), expr.clone()))
        };
        for exprs in [&mut wishes.using, &mut wishes.using_back] {
            let of_history: Vec<_> = exprs.iter().filter_map(of_base).collect();
            exprs.extend(of_history);
        }
    }
    wishes.renames.extend(renames);
}

/// The user's changes that the baseline does not have yet, and those that nobody can judge.
fn wanted(
    before: Option<&Models>,
    now: &Models,
    baseline: &Catalog,
    all: bool,
) -> (Vec<Change>, Vec<(Change, String)>) {
    let mut candidates = match before {
        Some(before) if !all => models::unsatisfied(&models::changes(before, now), baseline),
        _ => models::drift(now, baseline),
    };
    candidates.retain(|change| now.asks_for(change));
    let (mut sure, mut unsure) = (Vec::new(), Vec::new());
    for change in candidates {
        match models::satisfied(&change, baseline) {
            Satisfied::Yes => {}
            Satisfied::No => sure.push(change),
            Satisfied::Unsure(reason) => unsure.push((change, reason)),
        }
    }
    set_views_aside(&mut sure, &mut unsure);
    (sure, unsure)
}

/// A view is written by hand, and may need what the other changes bring: they go first.
fn set_views_aside(sure: &mut Vec<Change>, unsure: &mut Vec<(Change, String)>) {
    if sure.iter().all(Change::is_new_view) {
        return;
    }
    let reason =
        "a view's query is not in the models (write its CREATE VIEW by hand: cargo ops-migrate create --empty \"…\")";
    unsure.extend(sure.extract_if(.., |change| change.is_new_view()).map(|view| (view, reason.to_owned())));
}

fn open_renames(changes: &[Change], wishes: &Wishes) -> Vec<Candidate> {
    models::rename_candidates(changes)
        .into_iter()
        .filter(|candidate| {
            let old = candidate.old_path();
            let dropped = wishes.drops.contains(&old);
            let renamed = wishes.renames.iter().any(|r| r.old_path() == old || r.new_path() == candidate.new_path());
            !dropped && !renamed
        })
        .collect()
}

/// What is renamed, and which value of an enum takes the place of one that goes: that is what a
/// rename to a value means that is there already.
fn renames(wishes: &Wishes, baseline: &Catalog) -> Result<(Renames, Parts)> {
    let mut renames = Renames::default();
    // Tables and enums first: a part's rename names its whole by the new name.
    for rename in wishes.renames.iter().filter(|r| r.column.is_none()) {
        let to = rename.table.with_name(&rename.to);
        if baseline.table(&rename.table).is_some() {
            renames.tables.insert(rename.table.clone(), to);
        } else if baseline.enums.contains_key(&rename.table) {
            renames.enums.insert(rename.table.clone(), to);
        } else {
            return Err(unknown_rename(rename));
        }
    }
    let mut values = Parts::new();
    for rename in &wishes.renames {
        let Some(part) = &rename.column else { continue };
        let (table, ty) =
            (before_and_after(&renames.tables, &rename.table), before_and_after(&renames.enums, &rename.table));
        let is_column = baseline.table(table.0).is_some_and(|t| t.column(part, baseline.dialect).is_some());
        match baseline.enums.get(ty.0).map(|ty| &ty.values) {
            _ if is_column => drop(renames.columns.insert((table.1.clone(), part.clone()), rename.to.clone())),
            Some(known) if known.contains(part) => {
                let which = if known.contains(&rename.to) { &mut values } else { &mut renames.values };
                which.insert((ty.1.clone(), part.clone()), rename.to.clone());
            }
            _ => return Err(unknown_rename(rename)),
        }
    }
    Ok((renames, values))
}

/// Adds which values take the place of those that go; returns those for the way back, where it is the
/// new ones that go.
fn mapped(wishes: &Wishes, baseline: &Catalog, renames: &Renames, values: &mut Parts) -> Result<Parts> {
    let mut back = Parts::new();
    for ((of, value), other) in &wishes.maps {
        let (old, new) = before_and_after(&renames.enums, of);
        // A column of MySQL, by its path: its type says what the values are.
        let column = || {
            let (table, column) = of.to_string().rsplit_once('.').map(|(t, c)| (Name::new(t), c.to_owned()))?;
            Some(baseline.table(&table)?.column(&column, baseline.dialect)?.ty.args.clone())
        };
        let labels = |args: Vec<String>| args.iter().map(|label| label.trim_matches('\'').to_owned()).collect();
        let known = baseline.enums.get(old).map(|ty| ty.values.clone()).or_else(|| column().map(labels));
        let Some(known) = known else {
            return Err(Error::undecided(format!("--map {of}.{value}={other}: the schema has no enum {of}"))
                .hint("cargo ops-migrate schema lists the enums"));
        };
        if known.contains(value) {
            values.insert((new.clone(), value.clone()), other.clone());
        } else if known.contains(other) {
            let other = if baseline.enums.contains_key(old) { other.clone() } else { baseline.dialect.literal(other) };
            back.insert((old.clone(), value.clone()), other);
        } else {
            return Err(Error::undecided(format!("--map {of}.{value}={other}: {of} has no value '{other}'"))
                .hint(format!("its values are {}", known.join(", "))));
        }
    }
    Ok(back)
}

/// What a name stood for before the renames, and what stands for it after; it may be either.
fn before_and_after<'a>(renames: &'a BTreeMap<Name, Name>, name: &'a Name) -> (&'a Name, &'a Name) {
    match renames.iter().find(|(_, to)| *to == name) {
        Some((from, to)) => (from, to),
        None => (name, renames.get(name).unwrap_or(name)),
    }
}

fn unknown_rename(rename: &Rename) -> Error {
    Error::undecided(format!("--rename {}:{}: the schema has no {}", rename.old_path(), rename.to, rename.old_path()))
        .hint("write --rename TABLE.OLD:NEW for a column, --rename OLD:NEW for a table, --rename ENUM.OLD:NEW for a value of an enum")
}

/// Columns that existing rows could not have a value for.
fn open_fills(changes: &[Change], baseline: &Catalog, desired: &Catalog, wishes: &Wishes) -> Vec<Question> {
    let mut open = Vec::new();
    for change in changes {
        let (table, column) = match change {
            Change::AddColumn { table, column } if !column.nullable => (table, &column.name),
            Change::ChangeNullability { table, to, .. } if !to.nullable => (table, &to.name),
            Change::Part { table, operation, .. } => match operation.as_ref() {
                Operation::SetNotNull { column, .. } => (table, &column.name),
                _ => continue,
            },
            _ => continue,
        };
        if baseline.table(table).is_none() || wishes.fills.contains_key(&(table.clone(), column.clone())) {
            continue;
        }
        let Some(after) = desired.table(table).and_then(|t| t.column(column, desired.dialect)) else { continue };
        let fills_itself = after.default.is_some() || after.auto.is_some() || after.generated.is_some();
        let is_new = matches!(change, Change::AddColumn { .. });
        if is_new && fills_itself {
            continue;
        }
        open.push(Question::Fill { table: table.clone(), column: column.clone(), ty: after.ty.to_string() });
    }
    open
}

fn open_drops(changes: &[Change], wishes: &Wishes) -> Vec<Question> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::DropTable { table } => Some(table.name.to_string()),
            Change::DropColumn { table, column } => Some(format!("{table}.{}", column.name)),
            _ => None,
        })
        .filter(|what| !wishes.drops.contains(what))
        .map(|what| Question::Drop { what })
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{Wishes, draft};
    use crate::catalog::{Catalog, Expr, Name};
    use crate::dialect::Dialect;
    use crate::models::testing::models;
    use crate::models::{Change, Rename};
    use crate::operation::Operation;
    use crate::replay;

    const SQL: &str = "CREATE TABLE users (id integer PRIMARY KEY, nick text NOT NULL);";
    const USERS: &str = "users: id Integer, nick Text";

    fn baseline() -> Catalog {
        let mut catalog = Catalog::empty(Dialect::Postgres);
        replay::apply(&mut catalog, SQL, "up.sql").unwrap();
        catalog
    }

    /// A draft as lines: what it carries, what it leaves, what it asks, what it does.
    fn check(before: Option<&[&str]>, now: &[&str], wishes: &Wishes, expected: &Expect) {
        let before = before.map(models);
        let draft = draft(before.as_ref(), &models(now), &baseline(), wishes).unwrap();
        let mut lines = Vec::new();
        lines.extend(draft.changes.iter().map(Change::describe));
        lines.extend(draft.inherited.iter().map(|change| format!("inherited {}", change.describe())));
        lines.extend(draft.unsure.iter().map(|(change, reason)| format!("unsure {}: {reason}", change.describe())));
        lines.extend(draft.questions.iter().map(|question| format!("{question:?}")));
        lines.extend(draft.operations().map(|operation| format!("=> {}", Operation::describe(operation))));
        expected.assert_eq(&lines.join("\n"));
    }

    fn renamed(text: &str) -> Wishes {
        Wishes { renames: vec![Rename::parse(text).unwrap()], ..Wishes::default() }
    }

    fn filled(column: &str, value: &str) -> Wishes {
        let key = (Name::new("users"), column.to_owned());
        Wishes { fills: [(key, Expr::new(value))].into(), ..Wishes::default() }
    }

    #[test]
    fn what_did_not_change_is_not_written() {
        check(Some(&[USERS]), &[USERS], &Wishes::default(), &expect![[""]]);
    }

    #[test]
    fn a_rename_is_asked_until_somebody_says_so() {
        let now = &["users: id Integer, nick_name Text"];
        check(
            Some(&[USERS]),
            now,
            &Wishes::default(),
            &expect![[r#"
            + users.nick_name Text
            - users.nick
            Rename(Candidate { table: Name { schema: None, name: "users" }, column: Some("nick"), to: "nick_name", score: 0.9444444444444444 })
            Fill { table: Name { schema: None, name: "users" }, column: "nick_name", ty: "text" }
            => add column users.nick_name text NOT NULL
            => drop column users.nick"#]],
        );
        check(
            Some(&[USERS]),
            now,
            &renamed("users.nick:nick_name"),
            &expect!["=> rename column users.nick to nick_name"],
        );
        let dropped = Wishes { drops: vec!["users.nick".to_owned()], ..filled("nick_name", "''") };
        check(
            Some(&[USERS]),
            now,
            &dropped,
            &expect![[r#"
            + users.nick_name Text
            - users.nick
            => add column users.nick_name text NOT NULL
            => drop column users.nick"#]],
        );
        check(
            Some(&[USERS]),
            &["people: id Integer, nick Text"],
            &renamed("users:people"),
            &expect!["=> rename table users to people"],
        );
    }

    #[test]
    fn a_rename_of_what_is_not_there_is_refused() {
        let wishes = renamed("users.nock:nick_name");
        let error = draft(None, &models(&[USERS]), &baseline(), &wishes).unwrap_err();
        assert_eq!(error.to_string(), "--rename users.nock:nick_name: the schema has no users.nock");
    }

    #[test]
    fn a_required_column_needs_a_value_for_the_rows_that_exist() {
        let now = &["users: id Integer, nick Text, age Integer"];
        check(
            Some(&[USERS]),
            now,
            &Wishes::default(),
            &expect![[r#"
            + users.age Integer
            Fill { table: Name { schema: None, name: "users" }, column: "age", ty: "integer" }
            => add column users.age integer NOT NULL"#]],
        );
        check(
            Some(&[USERS]),
            now,
            &filled("age", "0"),
            &expect![[r#"
            + users.age Integer
            => add column users.age integer NOT NULL"#]],
        );
        // A new table has no rows.
        check(
            Some(&[USERS]),
            &[USERS, "tags: id Integer, name Text"],
            &Wishes::default(),
            &expect![[r#"
            + tags (2 columns)
            => create table tags (2 columns)"#]],
        );
    }

    #[test]
    fn inherited_drift_is_written_only_on_demand() {
        let odd = "users: id BigInt, nick Text";
        let now = &["users: id BigInt, nick Text, age Nullable<Integer>"];
        check(
            Some(&[odd]),
            now,
            &Wishes::default(),
            &expect![[r#"
            + users.age Nullable<Integer>
            inherited ~ users.id Int4 -> BigInt
            => add column users.age integer"#]],
        );
        let all = Wishes { all: true, ..Wishes::default() };
        check(
            Some(&[odd]),
            now,
            &all,
            &expect![[r#"
            ~ users.id Int4 -> BigInt
            + users.age Nullable<Integer>
            => add column users.age integer
            => change type of users.id from integer to bigint"#]],
        );
    }

    #[test]
    fn what_no_model_mentions_is_never_touched() {
        let more = "CREATE SCHEMA app; CREATE SEQUENCE counter; CREATE DOMAIN amount AS integer;
            CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('sad');
            CREATE VIEW seen AS SELECT id FROM users; CREATE TABLE app.other (id integer PRIMARY KEY);
            CREATE INDEX users_nick ON users (nick); ALTER TABLE users ADD CONSTRAINT c CHECK (nick <> '');";
        let mut baseline = baseline();
        replay::apply(&mut baseline, more, "up.sql").unwrap();
        let wishes = Wishes::default();
        let draft = draft(Some(&models(&[USERS])), &models(&[USERS]), &baseline, &wishes).unwrap();
        assert_eq!(draft.operations().count(), 0);
    }

    #[test]
    fn a_table_that_goes_takes_its_sequence_along() {
        let mut baseline = baseline();
        let sql = "CREATE TABLE tags (id serial PRIMARY KEY); CREATE SEQUENCE counter OWNED BY tags.id;";
        replay::apply(&mut baseline, sql, "up.sql").unwrap();
        let before = models(&[USERS, "tags: id Integer"]);
        let draft = draft(Some(&before), &models(&[USERS]), &baseline, &Wishes::default()).unwrap();
        let [part] = draft.parts.as_slice() else { panic!("{:?}", draft.parts) };
        expect![[r#"
            -- loses the rows of tags
            DROP TABLE tags;
        "#]]
        .assert_eq(&part.script.up);
        let mut catalog = baseline.clone();
        replay::apply(&mut catalog, &part.script.up, "up.sql").unwrap();
        assert_eq!((&catalog, &catalog.uncertain[..]), (&draft.desired, &[][..]));
        replay::apply(&mut catalog, &part.script.down, "down.sql").unwrap();
        assert_eq!(crate::proof::difference(&baseline, &catalog), Vec::<String>::new());
    }

    #[test]
    fn tables_of_the_engine_are_nobodys() {
        let own = "information_schema.tables: table_name Text";
        let none = Wishes::default();
        check(
            Some(&[USERS]),
            &[USERS, own, "pg_catalog.pg_class: oid Oid", "__seen: id Integer"],
            &none,
            &expect![[""]],
        );
        check(Some(&[USERS, own]), &[USERS], &none, &expect![[""]]);
    }

    #[test]
    fn enums_and_their_values_are_renamed_by_the_same_flag() {
        let mut baseline = baseline();
        replay::apply(&mut baseline, "CREATE TYPE mood AS ENUM ('sad', 'ok');", "up.sql").unwrap();
        let check = |texts: &[&str], expected: &str| {
            let renames = texts.iter().map(|text| Rename::parse(text).unwrap()).collect();
            let wishes = Wishes { renames, ..Wishes::default() };
            let (renames, values) = super::renames(&wishes, &baseline).unwrap();
            assert_eq!(
                format!("{:?} {:?} {values:?}", renames.enums, renames.values).replace("schema: None, name: ", ""),
                expected
            );
        };
        check(&["mood:feeling"], r#"{Name { "mood" }: Name { "feeling" }} {} {}"#);
        check(&["mood.sad:low"], r#"{} {(Name { "mood" }, "sad"): "low"} {}"#);
        check(&["mood.sad:ok"], r#"{} {} {(Name { "mood" }, "sad"): "ok"}"#);
        check(
            &["mood:feeling", "mood.sad:low"],
            r#"{Name { "mood" }: Name { "feeling" }} {(Name { "feeling" }, "sad"): "low"} {}"#,
        );
    }

    #[test]
    fn values_that_go_have_others_in_their_place() {
        let mut baseline = baseline();
        replay::apply(&mut baseline, "CREATE TYPE mood AS ENUM ('sad', 'ok');", "up.sql").unwrap();
        let check = |of: &str, value: &str, other: &str, expected: &str| {
            let maps = [((Name::new(of), value.to_owned()), other.to_owned())].into();
            let wishes = Wishes { maps, ..Wishes::default() };
            let mut values = Default::default();
            let found = match super::mapped(&wishes, &baseline, &Default::default(), &mut values) {
                Ok(back) => format!("{values:?} {back:?}").replace("schema: None, name: ", ""),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected);
        };
        check("mood", "sad", "ok", r#"{(Name { "mood" }, "sad"): "ok"} {}"#);
        check("mood", "glad", "ok", r#"{} {(Name { "mood" }, "glad"): "ok"}"#);
        check("mood", "glad", "fine", "--map mood.glad=fine: mood has no value 'fine'");
        check("moods", "glad", "ok", "--map moods.glad=ok: the schema has no enum moods");
    }

    #[test]
    fn without_git_a_drop_is_asked() {
        let now = &["users: id Integer"];
        check(
            None,
            now,
            &Wishes::default(),
            &expect![[r#"
            - users.nick
            Drop { what: "users.nick" }
            => drop column users.nick"#]],
        );
        let dropped = Wishes { drops: vec!["users.nick".to_owned()], ..Wishes::default() };
        check(
            None,
            now,
            &dropped,
            &expect![[r#"
            - users.nick
            => drop column users.nick"#]],
        );
        check(
            Some(&[USERS]),
            now,
            &Wishes::default(),
            &expect![[r#"
            - users.nick
            => drop column users.nick"#]],
        );
    }
}
