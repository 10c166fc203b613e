//! A text divided into units that are done together or not at all, for the engines and modes in
//! which no transaction holds the whole of it; and what a crash inside of each unit leaves to be
//! found out. Texts in, values out: nothing here asks a database.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::chain::hex;
use crate::dialect::Dialect;
use crate::sql::{Statement, postgres, statements, tokens};

/// How a unit runs, and how the next run finds out whether it landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One transaction, with the journal's row in it: the row tells.
    Together,
    /// Settings of the session: they run again, whatever happened.
    Session,
    /// Something that ends with the session and is no setting: a temporary table, a value that was
    /// read. Nothing behind it can be resumed.
    Carried,
    /// MySQL: one change of the schema, which commits by itself; the schema tells.
    Schema,
    /// Drops one thing or several, one by one: runs again with IF EXISTS.
    Drop,
    /// Does the same when it runs again.
    Again,
    /// PostgreSQL: CREATE INDEX and REINDEX CONCURRENTLY; the catalog tells.
    Index,
    /// Nobody can tell.
    Unknown,
}

/// Statements that are done together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit<'a> {
    pub(super) kind: Kind,
    pub(super) statements: Vec<Statement<'a>>,
    /// How its transaction begins, where the text says that.
    pub(super) begin: Option<&'a str>,
    /// Takes no statement more.
    closed: bool,
}

/// The text has a BEGIN and no COMMIT.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LeftOpen;

impl<'a> Unit<'a> {
    fn new(kind: Kind, statement: Statement<'a>, closed: bool) -> Self {
        Self { kind, statements: vec![statement], begin: None, closed }
    }

    /// From the first statement to the end of the last one, with what stands between them.
    pub(super) fn text(&self, whole: &'a str) -> &'a str {
        slice(whole, &self.statements)
    }

    /// What tells whether a text still says the same here: line ends do not count.
    pub(super) fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for statement in &self.statements {
            hash.update(statement.text.replace("\r\n", "\n").as_bytes());
            hash.update(b";\n");
        }
        hex(&hash.finalize())
    }

    /// What its pieces send to the server: each at most `limit` bytes where its statements allow it.
    pub(super) fn pieces(&self, whole: &'a str, limit: usize) -> Vec<Statement<'a>> {
        let mut pieces: Vec<Statement<'a>> = Vec::new();
        for statement in &self.statements {
            let end = statement.offset + statement.text.len();
            match pieces.last_mut() {
                Some(last) if end - last.offset <= limit => last.text = &whole[last.offset..end],
                _ => pieces.push(*statement),
            }
        }
        pieces
    }

    /// Whether it names a value that only the session knows that ran the statement before it.
    pub(super) fn reads_session(&self, dialect: Dialect) -> bool {
        const VALUES: [&str; 6] =
            ["last_insert_id", "row_count", "found_rows", "last_insert_rowid", "changes", "lastval"];
        self.statements.first().is_some_and(|statement| has(statement.text, dialect, &VALUES))
    }

    /// The text that does no harm where some of it has happened.
    pub(super) fn tolerant(&self, whole: &'a str, dialect: Dialect) -> Cow<'a, str> {
        let text = self.text(whole);
        if self.kind != Kind::Drop {
            return Cow::Borrowed(text);
        }
        let tokens = tokens(dialect, text);
        let of_head = |word: &str| HEAD_OF_DROP.contains(&word.to_ascii_lowercase().as_str());
        match tokens.iter().find(|(_, word)| !of_head(word)) {
            Some((offset, word)) if !word.eq_ignore_ascii_case("if") => {
                Cow::Owned(format!("{}IF EXISTS {}", &text[..*offset], &text[*offset..]))
            }
            _ => Cow::Borrowed(text),
        }
    }
}

const HEAD_OF_DROP: [&str; 7] = ["drop", "temporary", "table", "tables", "view", "index", "concurrently"];

fn slice<'a>(whole: &'a str, statements: &[Statement<'a>]) -> &'a str {
    match (statements.first(), statements.last()) {
        (Some(first), Some(last)) => &whole[first.offset..last.offset + last.text.len()],
        _ => "",
    }
}

/// Divides a text; `grouped` where statements about rows that follow one another belong together.
///
/// # Errors
/// Where a transaction of the text's own does not end.
pub(super) fn units(whole: &str, dialect: Dialect, grouped: bool) -> Result<Vec<Unit<'_>>, LeftOpen> {
    let Some(statements) = readable(whole, dialect) else { return Ok(vec![undivided(whole, dialect)]) };
    let mut units: Vec<Unit<'_>> = Vec::new();
    let mut rest = statements.as_slice();
    while let Some((statement, tail)) = rest.split_first() {
        rest = tail;
        match control(statement.text, dialect) {
            Some(Control::Begin) => {
                let end = rest.iter().position(|s| ends_transaction(s.text, dialect)).ok_or(LeftOpen)?;
                let kept = control(rest[end].text, dialect) == Some(Control::Commit);
                close(&mut units);
                if !kept {
                    units.push(rolled_back(dialect, *statement, &rest[..=end]));
                } else if dialect == Dialect::Mysql {
                    rest[..end].iter().for_each(|s| add(&mut units, *s, dialect, true));
                } else if end > 0 {
                    let begin = Some(statement.text);
                    units.push(Unit { kind: Kind::Together, statements: rest[..end].to_vec(), begin, closed: true });
                }
                close(&mut units);
                rest = &rest[end + 1..];
            }
            Some(Control::Commit) if dialect == Dialect::Mysql => close(&mut units),
            Some(Control::Rollback | Control::Savepoint) => return Ok(vec![undivided(whole, dialect)]),
            Some(Control::Commit) => units.push(Unit::new(Kind::Again, *statement, true)),
            Some(Control::Lock) => {
                let end = rest.iter().position(|s| control(s.text, dialect) == Some(Control::Unlock));
                let taken = end.map_or(rest.len(), |end| end + 1);
                units.push(Unit {
                    kind: Kind::Unknown,
                    statements: [&[*statement][..], &rest[..taken]].concat(),
                    begin: None,
                    closed: true,
                });
                rest = &rest[taken..];
            }
            Some(Control::Unlock) | None => add(&mut units, *statement, dialect, grouped),
        }
    }
    Ok(units)
}

/// The statements, where the text can be divided.
fn readable(whole: &str, dialect: Dialect) -> Option<Vec<Statement<'_>>> {
    match dialect {
        Dialect::Postgres => postgres::parse(whole, "").ok(),
        _ => statements(dialect, whole).ok(),
    }
}

/// A text whose statements are not known. But for MySQL one transaction holds it.
fn undivided(whole: &str, dialect: Dialect) -> Unit<'_> {
    let kind = if dialect == Dialect::Mysql { Kind::Unknown } else { Kind::Together };
    Unit::new(kind, Statement { text: whole, offset: 0 }, true)
}

/// A transaction that the text itself takes back.
fn rolled_back<'a>(dialect: Dialect, begin: Statement<'a>, rest: &[Statement<'a>]) -> Unit<'a> {
    let kind = if dialect == Dialect::Mysql { Kind::Unknown } else { Kind::Again };
    Unit { kind, statements: [&[begin][..], rest].concat(), begin: None, closed: true }
}

fn close(units: &mut [Unit<'_>]) {
    if let Some(last) = units.last_mut() {
        last.closed = true;
    }
}

fn add<'a>(units: &mut Vec<Unit<'a>>, statement: Statement<'a>, dialect: Dialect, grouped: bool) {
    let (kind, alone) = kind(statement.text, dialect);
    match units.last_mut() {
        Some(last) if kind == Kind::Together && last.kind == kind && !last.closed && !alone => {
            last.statements.push(statement);
        }
        _ => units.push(Unit::new(kind, statement, alone || !grouped)),
    }
}

/// Statements about transactions and locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    Begin,
    Commit,
    Rollback,
    Savepoint,
    Lock,
    Unlock,
}

fn control(text: &str, dialect: Dialect) -> Option<Control> {
    let head = head(text, dialect);
    let word = |at: usize| head.get(at).map(String::as_str).unwrap_or_default();
    match word(0) {
        "begin" if word(1) == "not" => None,
        "begin" => Some(Control::Begin),
        "start" if word(1) == "transaction" => Some(Control::Begin),
        "commit" | "end" => Some(Control::Commit),
        "rollback" | "abort" if word(1) != "to" => Some(Control::Rollback),
        "savepoint" if dialect == Dialect::Sqlite => Some(Control::Savepoint),
        "lock" if dialect == Dialect::Mysql => Some(Control::Lock),
        "flush" if dialect == Dialect::Mysql && has(text, dialect, &["lock", "export"]) => Some(Control::Lock),
        "unlock" => Some(Control::Unlock),
        _ => None,
    }
}

fn ends_transaction(text: &str, dialect: Dialect) -> bool {
    matches!(control(text, dialect), Some(Control::Commit | Control::Rollback))
}

/// The kind of a statement, and whether nothing joins it.
fn kind(text: &str, dialect: Dialect) -> (Kind, bool) {
    let head = head(text, dialect);
    let words: Vec<&str> = head.iter().map(String::as_str).collect();
    match dialect {
        Dialect::Mysql => (of_mysql(text, &words), false),
        Dialect::Sqlite => (of_sqlite(&words), false),
        Dialect::Postgres => of_postgres(text, &words),
    }
}

fn of_sqlite(words: &[&str]) -> Kind {
    match words {
        ["pragma" | "attach" | "detach", ..] => Kind::Session,
        ["vacuum", ..] => Kind::Again,
        ["create", "temp" | "temporary", ..] => Kind::Carried,
        _ => Kind::Together,
    }
}

fn of_postgres(text: &str, words: &[&str]) -> (Kind, bool) {
    let concurrently = words.contains(&"concurrently");
    let kind = match words {
        ["set", "local" | "constraints" | "transaction", ..] => Kind::Together,
        ["set" | "reset" | "discard" | "show" | "listen" | "unlisten" | "load", ..] => Kind::Session,
        ["prepare" | "create" | "declare", "temp" | "temporary" | "local", ..] | ["prepare" | "declare", ..] => {
            Kind::Carried
        }
        ["vacuum" | "cluster" | "checkpoint", ..] | ["alter", "system", ..] => Kind::Again,
        ["reindex", ..] if concurrently => Kind::Index,
        ["reindex", ..] => Kind::Again,
        ["create", ..] if concurrently && words.contains(&"index") => Kind::Index,
        ["drop", "index", ..] if concurrently => Kind::Drop,
        ["create" | "drop" | "alter", "database" | "tablespace" | "subscription", ..] => Kind::Unknown,
        ["alter", "table", ..] if has(text, Dialect::Postgres, &["concurrently"]) => Kind::Unknown,
        _ => Kind::Together,
    };
    // What it adds can be used only when it is committed; and what may end its transaction.
    let alone =
        matches!(words, ["alter", "type", ..] if words.contains(&"value")) || matches!(words, ["do" | "call", ..]);
    (kind, alone)
}

/// How statements of MySQL begin that read or change rows and nothing else.
const ROWS: [&str; 8] = ["insert", "update", "delete", "replace", "select", "with", "values", "do"];

fn of_mysql(text: &str, words: &[&str]) -> Kind {
    const SHARED: [&str; 9] =
        ["user", "role", "database", "schema", "server", "tablespace", "logfile", "instance", "resource"];
    let has = |found: &[&str]| has(text, Dialect::Mysql, found);
    match words {
        [first, ..] if ROWS.contains(first) => {
            let reads = matches!(*first, "select" | "with" | "values");
            let outside = reads && has(&["outfile", "dumpfile"]);
            if outside {
                Kind::Unknown
            } else if reads && has(&["into"]) && *first != "with" {
                Kind::Carried
            } else {
                Kind::Together
            }
        }
        ["savepoint" | "release" | "rollback", ..] => Kind::Together,
        ["set", "statement", ..] => Kind::Unknown,
        ["set", "global" | "persist" | "persist_only" | "password" | "default", ..] => Kind::Again,
        ["set", variable, ..] if variable.starts_with("@@global") || variable.starts_with("@@persist") => Kind::Again,
        ["set", ..] if has(&["select", "last_insert_id", "row_count", "found_rows"]) => Kind::Carried,
        ["set" | "use" | "unlock", ..] => Kind::Session,
        ["prepare" | "deallocate", ..] | ["create" | "drop", "temporary", ..] => Kind::Carried,
        ["create", "or", "replace", "temporary", ..] => Kind::Carried,
        ["create" | "alter" | "drop" | "rename", what, ..] if SHARED.contains(what) => Kind::Unknown,
        ["create", "or", "replace", what, ..] if SHARED.contains(what) => Kind::Unknown,
        ["alter", ..] if has(&["exchange", "import", "discard"]) => Kind::Unknown,
        ["rename", ..] if is_permutation(text) => Kind::Unknown,
        ["drop", "table" | "tables" | "view", ..] => Kind::Drop,
        ["create" | "alter" | "drop" | "rename" | "truncate", ..] => Kind::Schema,
        ["analyze" | "optimize" | "check" | "repair" | "flush" | "grant" | "revoke" | "show" | "explain", ..] => {
            Kind::Again
        }
        _ => Kind::Unknown,
    }
}

/// Whether a RENAME leaves the same names as before: then the schema may look the same.
fn is_permutation(text: &str) -> bool {
    let words = words(text, Dialect::Mysql);
    let mut from: Vec<&String> = Vec::new();
    let mut to: Vec<&String> = Vec::new();
    for at in words.iter().enumerate().filter(|(_, word)| *word == "to").map(|(at, _)| at) {
        from.extend(at.checked_sub(1).and_then(|before| words.get(before)));
        to.extend(words.get(at + 1));
    }
    from.sort();
    to.sort();
    from == to
}

/// Whether a statement has one of these words.
fn has(text: &str, dialect: Dialect, found: &[&str]) -> bool {
    tokens(dialect, text).iter().any(|(_, token)| found.iter().any(|word| token.eq_ignore_ascii_case(word)))
}

/// The first words of a statement, in small letters.
fn head(text: &str, dialect: Dialect) -> Vec<String> {
    const HEAD: usize = 200;
    let mut end = HEAD.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut words = words(&text[..end], dialect);
    words.truncate(12);
    words
}

fn words(text: &str, dialect: Dialect) -> Vec<String> {
    tokens(dialect, text).into_iter().map(|(_, token)| token.trim_matches('`').to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, LeftOpen, units};
    use crate::dialect::Dialect;

    /// Each unit as its kind and its text.
    fn check(dialect: Dialect, grouped: bool, text: &str, expected: &[(Kind, &str)]) {
        let found = units(text, dialect, grouped).unwrap();
        let found: Vec<_> = found.iter().map(|unit| (unit.kind, unit.text(text))).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn mysql_commits_at_every_change_of_the_schema() {
        use Kind::{Again, Carried, Drop, Schema, Session, Together, Unknown};
        check(
            Dialect::Mysql,
            true,
            "SET foreign_key_checks = 0; INSERT INTO a VALUES (1); DELETE FROM b; ALTER TABLE a ADD x int;\nUPDATE a SET x = 1",
            &[
                (Session, "SET foreign_key_checks = 0"),
                (Together, "INSERT INTO a VALUES (1); DELETE FROM b"),
                (Schema, "ALTER TABLE a ADD x int"),
                (Together, "UPDATE a SET x = 1"),
            ],
        );
        let alone = [(Together, "DELETE FROM a"), (Together, "DELETE FROM b; DELETE FROM c"), (Together, "DO 1")];
        check(Dialect::Mysql, false, "DELETE FROM a; BEGIN; DELETE FROM b; DELETE FROM c; COMMIT; DO 1", &alone);
        check(
            Dialect::Mysql,
            true,
            "LOCK TABLES a WRITE; INSERT INTO a VALUES (1); UNLOCK TABLES; DO 1",
            &[(Unknown, "LOCK TABLES a WRITE; INSERT INTO a VALUES (1); UNLOCK TABLES"), (Together, "DO 1")],
        );
        let kinds = [
            ("CREATE TABLE a (x int)", Schema),
            ("/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET new.x = 1 */", Schema),
            ("CREATE TEMPORARY TABLE a (x int)", Carried),
            ("DROP TABLE a, b", Drop),
            ("DROP VIEW a", Drop),
            ("DROP INDEX a ON b", Schema),
            ("RENAME TABLE a TO old, new TO a", Schema),
            ("RENAME TABLE a TO tmp, b TO a, tmp TO b", Unknown),
            ("ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b", Unknown),
            ("TRUNCATE a", Schema),
            ("CREATE DATABASE a", Unknown),
            ("CREATE USER a", Unknown),
            ("CALL p()", Unknown),
            ("LOAD DATA INFILE 'x' INTO TABLE a", Unknown),
            ("SELECT 1 INTO OUTFILE 'x'", Unknown),
            ("SELECT max(x) INTO @x FROM a", Carried),
            ("SET @x = (SELECT 1)", Carried),
            ("SET GLOBAL x = 1", Again),
            ("/*!40101 SET NAMES utf8 */", Session),
            ("ANALYZE TABLE a", Again),
            ("KILL 1", Unknown),
        ];
        for (text, kind) in kinds {
            check(Dialect::Mysql, true, text, &[(kind, text)]);
        }
    }

    #[test]
    fn postgres_keeps_all_but_a_few_in_a_transaction() {
        use Kind::{Again, Carried, Drop, Index, Session, Together, Unknown};
        check(
            Dialect::Postgres,
            true,
            "SET lock_timeout = '1s'; CREATE TABLE a (x int); INSERT INTO a VALUES (1); CREATE INDEX CONCURRENTLY i ON a (x);",
            &[
                (Session, "SET lock_timeout = '1s'"),
                (Together, "CREATE TABLE a (x int); INSERT INTO a VALUES (1)"),
                (Index, "CREATE INDEX CONCURRENTLY i ON a (x)"),
            ],
        );
        check(
            Dialect::Postgres,
            true,
            "BEGIN; SET x.y = 1; SELECT 1; COMMIT; SELECT 2; ALTER TYPE t ADD VALUE 'x'; SELECT 3",
            &[
                (Together, "SET x.y = 1; SELECT 1"),
                (Together, "SELECT 2"),
                (Together, "ALTER TYPE t ADD VALUE 'x'"),
                (Together, "SELECT 3"),
            ],
        );
        let kinds = [
            ("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON a (x)", Index),
            ("REINDEX INDEX CONCURRENTLY i", Index),
            ("DROP INDEX CONCURRENTLY i", Drop),
            ("VACUUM a", Again),
            ("CREATE TEMP TABLE a (x int)", Carried),
            ("CREATE DATABASE a", Unknown),
            ("ALTER TABLE a DETACH PARTITION b CONCURRENTLY", Unknown),
            ("this is nothing", Together),
        ];
        for (text, kind) in kinds {
            check(Dialect::Postgres, true, text, &[(kind, text)]);
        }
    }

    #[test]
    fn sqlite_keeps_settings_outside() {
        use Kind::{Again, Session, Together};
        check(
            Dialect::Sqlite,
            true,
            "PRAGMA foreign_keys = OFF; BEGIN; DROP TABLE a; COMMIT; PRAGMA foreign_keys = ON; VACUUM;",
            &[
                (Session, "PRAGMA foreign_keys = OFF"),
                (Together, "DROP TABLE a"),
                (Session, "PRAGMA foreign_keys = ON"),
                (Again, "VACUUM"),
            ],
        );
        assert_eq!(units("BEGIN; DROP TABLE a", Dialect::Sqlite, true), Err(LeftOpen));
        check(Dialect::Sqlite, true, "BEGIN; DROP TABLE a; ROLLBACK", &[(Again, "BEGIN; DROP TABLE a; ROLLBACK")]);
    }

    #[test]
    fn what_may_have_happened_in_part_is_made_tolerant() {
        let cases = [
            (Dialect::Mysql, "DROP TABLE a, b", "DROP TABLE IF EXISTS a, b"),
            (Dialect::Mysql, "drop view if exists a", "drop view if exists a"),
            (Dialect::Postgres, "DROP INDEX CONCURRENTLY \"I\"", "DROP INDEX CONCURRENTLY IF EXISTS \"I\""),
            (Dialect::Postgres, "VACUUM a", "VACUUM a"),
        ];
        for (dialect, text, expected) in cases {
            assert_eq!(units(text, dialect, true).unwrap()[0].tolerant(text, dialect), expected);
        }
    }

    #[test]
    fn pieces_stay_below_the_limit_where_they_can() {
        let text = "DO 1; DO 2; DO 3; DO 4";
        let units = units(text, Dialect::Mysql, true).unwrap();
        let pieces: Vec<&str> = units[0].pieces(text, 12).iter().map(|piece| piece.text).collect();
        assert_eq!(pieces, ["DO 1; DO 2", "DO 3; DO 4"]);
        assert_eq!(units[0].pieces(text, 1).len(), 4);
    }

    #[test]
    fn line_ends_do_not_change_the_hash() {
        let hash = |text: &str| units(text, Dialect::Mysql, true).unwrap()[0].hash();
        assert_eq!(hash("CREATE TABLE a\n(x int)"), hash("CREATE TABLE a\r\n(x int);"));
        assert_ne!(hash("CREATE TABLE a (x int)"), hash("CREATE TABLE b (x int)"));
    }
}
