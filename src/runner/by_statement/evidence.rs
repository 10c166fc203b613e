//! What is seen before a statement that commits by itself, and what that tells after a crash.
//! MySQL and MariaDB do one change of the schema as a whole or not at all (MySQL manual 15.1.1,
//! Atomic Data Definition Statement Support; MariaDB manual, Atomic DDL): where what the statement
//! names looks as before, it has not landed, and where it looks different, it has; unless what is
//! different is nothing that the statement names: then somebody else was there. PostgreSQL's
//! CONCURRENTLY leaves an index that is marked invalid (PostgreSQL manual, CREATE INDEX): it is
//! dropped, and built again.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::units::{Kind, Unit};
use crate::chain::hex;
use crate::db::Database;
use crate::dialect::Dialect;
use crate::error::Result;
use crate::sql::postgres::ident;
use crate::sql::tokens;

/// How a statement ended that nobody saw end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Landed,
    /// Nothing of it is in place, or nothing that a second run minds.
    Open,
    Doubt,
}

/// What tells the next run how this unit ended.
///
/// # Errors
/// `Database` with the engine's own words.
pub(super) fn before(db: &mut Database, unit: &Unit<'_>, whole: &str) -> Result<Option<String>> {
    let text = unit.text(whole);
    match unit.kind {
        Kind::Schema => schema_lines(db, text).map(|lines| Some(kept(&lines))),
        Kind::Index => Ok(Some(indexes(db, text)?.into_iter().map(|index| index.oid).collect::<Vec<_>>().join(","))),
        _ => Ok(None),
    }
}

/// How a unit ended that was begun. Half an index is dropped.
///
/// # Errors
/// `Database` with the engine's own words.
pub(super) fn after(db: &mut Database, unit: &Unit<'_>, whole: &str, evidence: Option<&str>) -> Result<Verdict> {
    let text = unit.text(whole);
    Ok(match (unit.kind, evidence) {
        (Kind::Drop | Kind::Again | Kind::Session | Kind::Together, _) => Verdict::Open,
        (Kind::Schema, Some(before)) => schema_verdict(text, before, &schema_lines(db, text)?),
        (Kind::Index, Some(before)) => index_verdict(db, text, before)?,
        _ => Verdict::Doubt,
    })
}

/// What is kept of a schema's lines at most, in bytes; a longer text is kept as its hash.
const KEPT: usize = 48 << 10;

/// What stands before lines that are kept as they are.
const LINES: &str = "lines\n";

/// What stands before a line of what a table looks like, then its name.
const SHOWN: &str = "shown ";

/// Words of statements that change more than they name.
const SWEEPING: [&str; 8] =
    ["convert", "charset", "character", "collate", "partition", "partitioning", "rename", "versioning"];

/// The words of a statement, names without their quotes.
fn words_of(text: &str) -> BTreeSet<String> {
    tokens(Dialect::Mysql, text).into_iter().map(|(_, token)| token.trim_matches(['`', '"']).to_lowercase()).collect()
}

/// What all that a statement names looks like, and the names of all that there is: it changes with
/// the statement, and with nothing that happens elsewhere.
fn schema_lines(db: &mut Database, text: &str) -> Result<Vec<String>> {
    let named = words_of(text);
    let mut lines = Vec::new();
    for schema in schemas(db, &named)? {
        let value = [Some(schema.as_str())];
        for query in OBJECTS {
            lines.extend(db.texts(query, &value)?.into_iter().flatten());
        }
        for table in db.texts(TABLES, &value)?.into_iter().flatten() {
            if named.contains(&table.to_lowercase()) {
                let shown = shown(db, &schema, &table)?;
                lines.extend(shown.lines().map(|line| format!("{SHOWN}{table}\t{}", line.trim_end_matches(','))));
            }
        }
    }
    Ok(lines)
}

fn kept(lines: &[String]) -> String {
    let text = lines.join("\n");
    if text.len() > KEPT { hex(&Sha256::digest(text.as_bytes())) } else { format!("{LINES}{text}") }
}

/// Whether a statement has landed, by the lines before it and those of now.
fn schema_verdict(text: &str, before: &str, now: &[String]) -> Verdict {
    if kept(now) == before {
        return Verdict::Open;
    }
    let named = words_of(text);
    let Some(before) = before.strip_prefix(LINES) else { return Verdict::Landed };
    if SWEEPING.iter().any(|word| named.contains(*word)) {
        return Verdict::Landed;
    }
    let before: BTreeSet<&str> = before.lines().collect();
    let now: BTreeSet<&str> = now.iter().map(String::as_str).collect();
    let tables =
        |lines: &BTreeSet<&str>| lines.iter().filter_map(|line| table_shown(line).map(str::to_owned)).collect();
    let (old, new): (BTreeSet<String>, BTreeSet<String>) = (tables(&before), tables(&now));
    let fits = |line: &&&str| match table_shown(line) {
        // All of a table that came or went with the statement.
        Some(table) => !(old.contains(table) && new.contains(table)) || names_any(line, &named),
        // `table users BASE TABLE`
        None => line.split(' ').nth(1).is_some_and(|name| named.contains(&name.to_lowercase())),
    };
    let mut different = before.symmetric_difference(&now);
    if different.all(|line| fits(&line)) { Verdict::Landed } else { Verdict::Doubt }
}

fn table_shown(line: &str) -> Option<&str> {
    Some(line.strip_prefix(SHOWN)?.split_once('\t')?.0)
}

/// Whether one of the names in a line is one of these; a line without a name is about the whole.
fn names_any(line: &str, named: &BTreeSet<String>) -> bool {
    let mut names = line.split('`').skip(1).step_by(2).peekable();
    names.peek().is_none() || names.any(|name| named.contains(&name.to_lowercase()))
}

/// The current schema, and those that the statement names.
fn schemas(db: &mut Database, named: &BTreeSet<String>) -> Result<Vec<String>> {
    let current = db.text("SELECT database() AS `row`", &[])?;
    let all = db.texts("SELECT schema_name AS `row` FROM information_schema.schemata ORDER BY schema_name", &[])?;
    let counts = |schema: &String| current.as_ref() == Some(schema) || named.contains(&schema.to_lowercase());
    Ok(all.into_iter().flatten().filter(counts).collect())
}

const TABLES: &str =
    "SELECT table_name AS `row` FROM information_schema.tables WHERE table_schema = $1 ORDER BY table_name";

/// The names of everything in a schema, with a hash of what has no statement that shows it.
const OBJECTS: [&str; 4] = [
    "SELECT concat_ws(' ', 'table', table_name, table_type) AS `row` FROM information_schema.tables
     WHERE table_schema = $1 AND table_name NOT LIKE '\\_\\_ops\\_migrate\\_%' ORDER BY table_name",
    "SELECT concat_ws(' ', 'trigger', trigger_name, event_object_table, action_timing, event_manipulation,
        action_order, definer, created, sha2(action_statement, 256)) AS `row`
     FROM information_schema.triggers WHERE trigger_schema = $1 ORDER BY trigger_name",
    "SELECT concat_ws(' ', 'routine', routine_name, routine_type, dtd_identifier, created, last_altered,
        security_type, sha2(routine_definition, 256)) AS `row`
     FROM information_schema.routines WHERE routine_schema = $1 ORDER BY routine_name, routine_type",
    "SELECT concat_ws(' ', 'event', event_name, created, last_altered, status, sha2(event_definition, 256)) AS `row`
     FROM information_schema.events WHERE event_schema = $1 ORDER BY event_name",
];

/// A table, view or sequence as the server shows it, without the counter that rows move.
fn shown(db: &mut Database, schema: &str, table: &str) -> Result<String> {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let Ok(text) = db.show_create(&format!("SHOW CREATE TABLE {}.{}", quoted(schema), quoted(table))) else {
        return described(db, schema, table);
    };
    Ok(match text.split_once(" AUTO_INCREMENT=") {
        Some((before, after)) => format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => text,
    })
}

/// The same from the catalog, where SHOW CREATE gives nothing: for a view on something that is gone, and on
/// MySQL, which tells its columns only when it runs, while Diesel asks for them when it is prepared.
fn described(db: &mut Database, schema: &str, table: &str) -> Result<String> {
    let place = [Some(schema), Some(table)];
    let mut lines = db.texts(VIEW, &place)?;
    // All of a view is in its one line.
    if lines.is_empty() {
        for query in PARTS {
            lines.append(&mut db.texts(query, &place)?);
        }
    }
    // A text of several lines, such as a comment or a view, is one.
    Ok(lines.iter().flatten().map(|line| line.replace('\n', " ")).collect::<Vec<_>>().join("\n"))
}

const VIEW: &str = "SELECT concat_ws(' ', 'VIEW', security_type, view_definition) AS `row`
    FROM information_schema.views WHERE table_schema = $1 AND table_name = $2";

/// What a table consists of, a line for each part with its names in backticks.
const PARTS: [&str; 6] = [
    "SELECT concat_ws(' ', table_type, engine, row_format, table_collation, create_options, table_comment) AS `row`
     FROM information_schema.tables WHERE table_schema = $1 AND table_name = $2",
    "SELECT concat_ws(' ', concat('`', column_name, '`'), column_type, is_nullable, coalesce(column_default, '-'), extra,
        collation_name, generation_expression, column_comment) AS `row`
     FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position",
    "SELECT concat_ws(' ', concat('KEY `', index_name, '`'), non_unique, index_type, seq_in_index,
        concat('`', column_name, '`'), sub_part, collation, index_comment) AS `row`
     FROM information_schema.statistics WHERE table_schema = $1 AND table_name = $2
     ORDER BY index_name, seq_in_index",
    "SELECT concat_ws(' ', concat('CONSTRAINT `', c.constraint_name, '`'), constraint_type, concat('`', column_name, '`'),
        referenced_table_schema, concat('`', referenced_table_name, '`'), concat('`', referenced_column_name, '`')) AS `row`
     FROM information_schema.table_constraints c LEFT JOIN information_schema.key_column_usage u
        USING (constraint_schema, constraint_name, table_schema, table_name)
     WHERE table_schema = $1 AND table_name = $2 ORDER BY c.constraint_name, ordinal_position",
    "SELECT concat_ws(' ', concat('CONSTRAINT `', constraint_name, '`'), update_rule, delete_rule) AS `row`
     FROM information_schema.referential_constraints WHERE constraint_schema = $1 AND table_name = $2
     ORDER BY constraint_name",
    "SELECT concat_ws(' ', concat('PARTITION `', partition_name, '`'), subpartition_name, partition_method,
        partition_expression, partition_description) AS `row`
     FROM information_schema.partitions WHERE table_schema = $1 AND table_name = $2 AND partition_name IS NOT NULL
     ORDER BY partition_name, subpartition_name",
];

/// An index as the catalog has it.
#[derive(Debug, serde::Deserialize)]
struct Index {
    oid: String,
    /// Qualified and quoted.
    name: String,
    bare: String,
    valid: bool,
}

/// The indexes of the table that the statement names; of every table where it names none.
fn indexes(db: &mut Database, text: &str) -> Result<Vec<Index>> {
    let table = table_of(text);
    let condition = if table.is_some() { "i.indrelid = to_regclass($1)" } else { "$1::text IS NULL" };
    let sql = format!(
        "SELECT json_build_object('oid', c.oid::text, 'valid', i.indisvalid, 'bare', c.relname,
            'name', format('%I.%I', n.nspname, c.relname))::text AS row
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE {condition} AND n.nspname !~ '^pg_' ORDER BY c.oid"
    );
    db.rows(&sql, &[table.as_deref()])
}

/// The table behind ON, as written.
fn table_of(text: &str) -> Option<String> {
    let tokens = tokens(Dialect::Postgres, text);
    let on = tokens.iter().position(|(_, token)| token.eq_ignore_ascii_case("on"))?;
    let behind: Vec<&str> = tokens[on + 1..].iter().map(|(_, token)| *token).collect();
    let behind = if behind.first()?.eq_ignore_ascii_case("only") { &behind[1..] } else { &behind[..] };
    Some(if behind.get(1) == Some(&".") { behind.get(..3)?.concat() } else { (*behind.first()?).to_owned() })
}

/// The name that CREATE INDEX gives, where it gives one.
fn index_name(text: &str) -> Option<String> {
    let tokens = tokens(Dialect::Postgres, text);
    let at = tokens.iter().position(|(_, token)| token.eq_ignore_ascii_case("concurrently"))? + 1;
    let words: Vec<&str> = tokens[at..].iter().map(|(_, token)| *token).collect();
    let words = if words.first()?.eq_ignore_ascii_case("if") { words.get(3..)? } else { &words[..] };
    let name = words.first()?;
    (!name.eq_ignore_ascii_case("on")).then(|| ident(name))
}

/// Drops what a CONCURRENTLY of ours left invalid, and nothing else.
fn index_verdict(db: &mut Database, text: &str, before: &str) -> Result<Verdict> {
    let known: BTreeSet<&str> = before.split(',').collect();
    let rebuilds =
        tokens(Dialect::Postgres, text).first().is_some_and(|(_, token)| token.eq_ignore_ascii_case("reindex"));
    let name = if rebuilds { None } else { index_name(text) };
    let is_ours = |index: &Index| {
        let fits = match &name {
            Some(name) => index.bare == *name,
            None => !rebuilds || index.bare.contains("_ccnew") || index.bare.contains("_ccold"),
        };
        fits && !known.contains(index.oid.as_str())
    };
    let found: Vec<Index> = indexes(db, text)?.into_iter().filter(is_ours).collect();
    let invalid: Vec<&Index> = found.iter().filter(|index| !index.valid).collect();
    if name.is_none() && !rebuilds && found.len() > 1 {
        return Ok(Verdict::Doubt);
    }
    for index in &invalid {
        db.execute(&format!("DROP INDEX CONCURRENTLY IF EXISTS {}", index.name))?;
    }
    Ok(if rebuilds || found.is_empty() || !invalid.is_empty() { Verdict::Open } else { Verdict::Landed })
}

#[cfg(test)]
mod tests {
    use super::{Verdict, index_name, kept, schema_verdict, table_of};

    #[test]
    fn what_a_statement_does_not_name_is_somebody_elses() {
        let table = |columns: &[&str]| {
            let mut lines = vec!["table a BASE TABLE".to_owned(), "shown a\tCREATE TABLE `a` (".to_owned()];
            lines.extend(columns.iter().map(|column| format!("shown a\t  `{column}` int(11) DEFAULT NULL")));
            lines
        };
        let statement = "ALTER TABLE a ADD COLUMN y int";
        let cases = [
            (statement, table(&["x"]), Verdict::Open),
            (statement, table(&["x", "y"]), Verdict::Landed),
            (statement, table(&["x", "w"]), Verdict::Doubt),
            (statement, table(&["x", "w", "y"]), Verdict::Doubt),
            ("ALTER TABLE a CONVERT TO CHARACTER SET utf8mb4", table(&["w"]), Verdict::Landed),
            (statement, [table(&["x"]), vec!["table b BASE TABLE".to_owned()]].concat(), Verdict::Doubt),
            ("CREATE TABLE b LIKE a", [table(&["x"]), vec!["table b BASE TABLE".to_owned()]].concat(), Verdict::Landed),
            (
                "CREATE TABLE b LIKE a",
                [table(&["x"]), vec!["table b BASE TABLE".to_owned(), "shown b\t  `x` int(11)".to_owned()]].concat(),
                Verdict::Landed,
            ),
        ];
        for (statement, now, expected) in cases {
            assert_eq!(schema_verdict(statement, &kept(&table(&["x"])), &now), expected, "{statement}: {now:?}");
        }
        assert_eq!(schema_verdict(statement, "a hash", &table(&["x"])), Verdict::Landed);
    }

    #[test]
    fn the_names_in_create_index() {
        let cases = [
            ("CREATE INDEX CONCURRENTLY i ON a (x)", Some("i"), Some("a")),
            (
                "create unique index concurrently if not exists \"I x\" on only s.\"T\" using btree (x)",
                Some("I x"),
                Some("s.\"T\""),
            ),
            ("CREATE INDEX CONCURRENTLY ON a (x)", None, Some("a")),
            ("REINDEX TABLE CONCURRENTLY a", Some("a"), None),
        ];
        for (text, name, table) in cases {
            assert_eq!((index_name(text).as_deref(), table_of(text).as_deref()), (name, table), "{text}");
        }
    }
}

#[cfg(all(test, feature = "mysql"))]
mod mysql_tests {
    mod mysql {
        use crate::db::testing::mysql;
        use crate::runner::by_statement::evidence::{Verdict, described, kept, schema_verdict};

        /// What the catalog says of a table tells of each change, as SHOW CREATE does where there is one.
        #[test]
        fn the_catalog_shows_every_part_of_a_table() {
            let mut scratch = mysql();
            let db = scratch.database();
            db.execute(
                "CREATE TABLE p (id int PRIMARY KEY);
                 CREATE TABLE t (id int PRIMARY KEY, a int, b varchar(9), KEY ka (a));
                 CREATE VIEW v AS SELECT id FROM t",
            )
            .unwrap();
            let schema = db.text("SELECT database() AS `row`", &[]).unwrap().unwrap();
            let mut look = |table: &str, change: &str| {
                db.execute(change).unwrap();
                let text = described(db, &schema, table).unwrap();
                text.lines().map(|line| format!("shown {table}\t{line}")).collect::<Vec<_>>()
            };
            let changes = [
                "ALTER TABLE t ADD COLUMN c int",
                "ALTER TABLE t MODIFY c bigint NOT NULL DEFAULT 7 COMMENT 'seven'",
                "ALTER TABLE t ADD KEY kb (b(3), a)",
                "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE",
                "ALTER TABLE t ADD CONSTRAINT ck CHECK (c > 0)",
                "ALTER TABLE t DROP KEY kb",
                "ALTER TABLE t COMMENT = 'what it is'",
                "ALTER TABLE t RENAME COLUMN b TO d",
            ];
            let mut before = look("t", "DO 0");
            for change in changes {
                assert_eq!(schema_verdict(change, &kept(&before), &before), Verdict::Open, "{change}");
                let after = look("t", change);
                assert_eq!(schema_verdict(change, &kept(&before), &after), Verdict::Landed, "{change}\n{after:#?}");
                let other = "ALTER TABLE t ADD COLUMN elsewhere int";
                if change.contains("COLUMN c") || change.contains("KEY kb") {
                    assert_eq!(schema_verdict(other, &kept(&before), &after), Verdict::Doubt, "{change}");
                }
                before = after;
            }
            let view = look("v", "DO 0");
            let changed = "CREATE OR REPLACE VIEW v AS SELECT a FROM t";
            assert_eq!(schema_verdict(changed, &kept(&view), &look("v", changed)), Verdict::Landed);
        }
    }
}
