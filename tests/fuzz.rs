//! Whatever bytes they are given, the parsers of what users write neither panic nor hang, and what they
//! say holds: a splitter loses no byte, a slug is a directory's name, and no URL's password is in an
//! error. Inputs are made from a corpus by mutations, the same ones each time; `OPS_MIGRATE_FUZZ=N`
//! tries N of them at each target, others than usual, and as many as there is time for.

use ops_migrate::chain::{metadata, new, target};
use ops_migrate::db::DatabaseUrl;
use ops_migrate::dialect::Dialect;
use ops_migrate::sql;

/// What mutations begin with, and what they put in.
const SQL: [&str; 14] = [
    "CREATE TABLE a (x integer); INSERT INTO a VALUES (1), (2);",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN 1; END $body$; SELECT $1;",
    "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN UPDATE b SET x = 1; SELECT CASE WHEN 1 THEN 2 END; END;",
    "-- a comment; with a semicolon\nSELECT 'it''s'; /* nested /* in */ another */ SELECT \"a;b\";",
    "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;",
    "SELECT E'\\'' || $$;$$ || U&'\\0061' || B'01' || X'ff';",
    "/*!40101 SET NAMES utf8 */; # hash\nSELECT `a``b`, 'a\\'b';",
    "BEGIN; UPDATE a SET x = 1; COMMIT; SAVEPOINT s; RELEASE s;",
    "PRAGMA foreign_keys = OFF; CREATE VIEW v AS WITH RECURSIVE n AS (SELECT 1) SELECT * FROM n;",
    "COPY a FROM stdin;\n1\t2\n\\.\nSELECT 1;",
    "\u{feff}SELECT 1;\r\nSELECT 2\r\n",
    "CREATE INDEX CONCURRENTLY i ON a (x) WHERE (x > 1); ALTER TABLE a ADD CONSTRAINT c CHECK (x <> ';');",
    "INSERT INTO a VALUES (x'00', 1e10, .5, 0x1F, ?1, :a, @b, $c);",
    "BEGIN NOT ATOMIC IF 1 THEN SELECT 1; END IF; LOOP LEAVE l; END LOOP; REPEAT SELECT 1; UNTIL 1 END REPEAT; END;",
];
const METADATA: [&str; 4] = [
    "run_in_transaction = true\n[ops-migrate]\nrevision = \"abc\"\nrevises = [\"def\"]\nmessage = \"a message\"\n",
    "run_in_transaction = false\n[ops-migrate.batch]\ntable = \"a\"\nkey = \"id\"\nsize = 1000\npause_ms = 10\n",
    "[ops-migrate]\nlossy = [\"column a.b\"]\nirreversible = \"because\"\ncreated = 2024-01-01T00:00:00Z\ndata = true\n",
    "run_in_transactoin = \"yes\" # no\n[other]\na.b.c = {d = [1, 2.5, inf, nan], e = '''x'''}\n",
];
const NAMES: [&str; 8] = [
    "add users",
    "../x",
    "Ümläut & Co — 3",
    "a\tb",
    "add_users to posts",
    "....",
    "-rf con.txt",
    "00000000000000000000000000000000000000000000000000000000000000",
];
const URLS: [&str; 9] = [
    "postgres://user:Canary@host:5432/db?sslmode=require&options=-csearch_path%3Da",
    "mysql://user:Canary@localhost/db?unix_socket=/tmp/s",
    "mariadb://u:Canary@[::1]:3306/db",
    "host=h user=u password=Canary dbname=d",
    "host=h password='Canary \\' x' port=5432",
    "sqlite:///tmp/a.db?mode=ro",
    "file:/tmp/a%20b.db?mode=rw&cache=shared",
    "a.db",
    "postgresql://u:Can%61ry%zz@/db?host=%2Ftmp&password=Canary",
];
const PIECES: [&str; 24] = [
    ";",
    "'",
    "\"",
    "`",
    "$$",
    "$a$",
    "/*",
    "*/",
    "--",
    "\n",
    "\r\n",
    "\\",
    "(",
    ")",
    "\0",
    "BEGIN",
    "END",
    "=",
    "%",
    "%zz",
    "@",
    ":",
    "\u{1f980}",
    "DELIMITER ",
];

/// xorshift64
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A text of the corpus with some bytes otherwise; what is no UTF-8 any more is replaced, as readers
    /// of files refuse it.
    fn mutated(&mut self, corpus: &[&str]) -> String {
        let mut bytes = self.of(corpus).as_bytes().to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => drop(bytes.splice(at..at, self.of(&PIECES).bytes())),
                3 => bytes.truncate(at),
                4 => {
                    let other = self.of(corpus).as_bytes();
                    let from = self.below(other.len());
                    bytes.splice(at..at, other[from..].iter().copied());
                }
                _ => {
                    let to = (at + self.below(8)).min(bytes.len());
                    let copy = bytes[at..to].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
            bytes.truncate(2_000);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Tries a target with many texts; the text is shown where it fails.
#[expect(clippy::disallowed_methods, reason = "the harness says how long it may take")]
fn fuzz(bounded: usize, corpus: &[&str], target: impl Fn(&str) + std::panic::RefUnwindSafe) {
    let asked: Option<usize> = std::env::var("OPS_MIGRATE_FUZZ").ok().and_then(|n| n.parse().ok());
    let seed = asked.map_or(0x2545_f491_4f6c_dd1d, |n| 0x9e37_79b9_7f4a_7c15 ^ n as u64);
    let mut random = Random(seed);
    for n in 0..asked.unwrap_or(bounded) {
        let text = random.mutated(corpus);
        let done = std::panic::catch_unwind(|| target(&text));
        assert!(done.is_ok(), "input {n} of seed {seed:#x}: {text:?}");
    }
}

fn split(dialect: Dialect, text: &str) {
    let Ok(statements) = sql::statements(dialect, text) else { return };
    let mut end = 0;
    for statement in statements {
        assert!(statement.offset >= end, "statements overlap");
        end = statement.offset + statement.text.len();
        assert_eq!(&text[statement.offset..end], statement.text, "a statement is not where it says");
        assert!(!statement.text.is_empty());
    }
}

#[test]
fn statements_of_postgresql() {
    fuzz(4_000, &SQL, |text| split(Dialect::Postgres, text));
}

#[test]
fn statements_of_sqlite() {
    fuzz(4_000, &SQL, |text| split(Dialect::Sqlite, text));
}

#[test]
fn statements_of_mysql() {
    fuzz(4_000, &SQL, |text| split(Dialect::Mysql, text));
}

#[test]
fn metadata_of_revisions() {
    fuzz(4_000, &METADATA, |text| drop(metadata::parse(text, "metadata.toml")));
}

#[test]
fn names_of_revisions_and_targets() {
    fuzz(8_000, &NAMES, |text| {
        if let Ok(slug) = new::slug(text) {
            assert!(!slug.is_empty() && slug.len() <= 100, "{slug}");
            assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'), "{slug}");
        }
        drop(target::parse(text));
        drop(target::parse_range(text));
    });
}

#[test]
fn urls_and_their_passwords() {
    fuzz(8_000, &URLS, |text| {
        match DatabaseUrl::parse(text) {
            Ok(url) => {
                let shown = format!("{url} {url:?}");
                // Where the password is one still: mutations move it elsewhere, too.
                let is_server =
                    ["postgres://", "postgresql://", "mysql://", "mariadb://"].iter().any(|s| text.starts_with(s));
                let once = text.matches('@').count() == 1 && text.matches("Canary").count() == 1;
                let is_password = is_server && text.contains(":Canary@") && once;
                assert!(!is_password || !shown.contains("Canary"), "{shown}");
            }
            // A scheme is shown, whatever it is.
            Err(_) if text.split("://").next().is_some_and(|scheme| scheme.contains("Canary")) => {}
            Err(error) => assert!(!format!("{error:?} {error}").contains("Canary"), "{error}"),
        }
    });
}
