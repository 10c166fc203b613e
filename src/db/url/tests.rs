//! How URLs are read, shown and cleaned of passwords.

use std::path::Path;

use super::DatabaseUrl;
use crate::dialect::Dialect;
use crate::error::Kind;

#[test]
fn texts_and_what_is_shown_of_them() {
    let cases = [
        ("postgres://user:S3cret@host:5433/db", Dialect::Postgres, "postgres://user:***@host:5433/db"),
        (
            "postgresql:///db?host=/tmp/s&password=S3cret",
            Dialect::Postgres,
            "postgresql:///db?host=/tmp/s&password=***",
        ),
        ("postgres://u:S3cret?x@h/db", Dialect::Postgres, "postgres://u:***@h/db"),
        ("postgres://[::1]:5/db", Dialect::Postgres, "postgres://[::1]:5/db"),
        ("host=localhost password='S3 cret' dbname=x", Dialect::Postgres, "host=localhost password=*** dbname=x"),
        ("mysql://root:S3cret@127.0.0.1/x", Dialect::Mysql, "mysql://root:***@127.0.0.1/x"),
        ("db.sqlite3", Dialect::Sqlite, "db.sqlite3"),
        ("sqlite://data/a%20b.db", Dialect::Sqlite, "data/a b.db"),
        ("sqlite:///abs/x.db", Dialect::Sqlite, "/abs/x.db"),
        ("file:x.db?mode=ro", Dialect::Sqlite, "x.db"),
        ("file:///abs/x.db", Dialect::Sqlite, "/abs/x.db"),
        (":memory:", Dialect::Sqlite, ":memory:"),
        ("sqlite://:memory:", Dialect::Sqlite, ":memory:"),
        ("a=b.db", Dialect::Sqlite, "a=b.db"),
    ];
    for (text, dialect, shown) in cases {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!((url.dialect(), url.to_string().as_str()), (dialect, shown), "{text}");
        assert!(!format!("{url:?}").contains("cret"));
    }
}

#[test]
fn what_cannot_be_read_is_an_error_without_the_text() {
    let bad = [
        "",
        "postgres://user:S3cret%zz@host/db",
        "postgres://user:S3cret%00@host/db",
        "postgres://user:S3/cret@host/db",
        "postgres://user:12/S3cret@host/db",
        "postgres://user:S3@cret@host/db",
        "postgres://user:S3cret@[]/db",
        "postgres://user:S3cret@[::1/db",
        "postgres://user:S3cret@host:port/db",
        "postgres://host/db?S3cret",
        "postgres:/user:S3cret@host/db",
        "POSTGRES://user:S3cret@host/db",
        "user:S3cret@host/db",
        "oracle://user:S3cret@host/db",
        "\"postgres://user:S3cret@host/db\"",
        "host=x password='S3cret",
        "dbname=postgres://u:S3cret@h/db",
    ];
    for text in bad {
        let error = DatabaseUrl::parse(text).unwrap_err();
        assert_eq!(error.kind, Kind::Undecided);
        for part in ["S3", "cret"] {
            assert!(!format!("{error:?}").contains(part), "{text}: {error:?}");
        }
    }
}

#[test]
fn scrub_takes_the_password_out_in_every_form() {
    let url = DatabaseUrl::parse("postgres://u:S3%2fcr%40et@h/db").unwrap();
    assert_eq!(url.secrets(), ["S3/cr@et"]);
    let text = "a S3/cr@et b S3%2Fcr%40et c S3%2fcr%40et d postgres://u:S3%2fcr%40et@h/db e";
    assert_eq!(url.scrub(text), "a *** b *** c *** d postgres://u:***@h/db e");
    let url = DatabaseUrl::parse("postgres://postgres:postgres@h/db").unwrap();
    assert_eq!(url.scrub("user postgres; postgres://postgres:postgres@h"), "user postgres; postgres://postgres:***@h");
    let url = DatabaseUrl::parse("postgres://u:a@h/db").unwrap();
    assert_eq!(url.scrub("bad password \"a\" at a host"), "bad password \"***\" at *** host");
}

#[test]
fn another_database_of_the_same_server() {
    let cases = [
        ("postgres://u:p@h/db?sslmode=require", "postgres://u:p@h/x%20y?sslmode=require"),
        ("host=h dbname=db", "host=h dbname='x y'"),
        ("postgres:///db?host=/s", "postgres:///x%20y?host=/s"),
    ];
    for (text, expected) in cases {
        assert_eq!(DatabaseUrl::parse(text).unwrap().with_database("x y").driver_text(), expected);
    }
}

#[test]
fn relative_paths_stand_below_the_given_directory() {
    let url = DatabaseUrl::parse("sqlite://a/b.db").unwrap().resolved(Path::new("/p"));
    assert_eq!(url.driver_text(), "/p/a/b.db");
    assert_eq!(url.driver_text_with(&[("mode", "rw")]), "file:/p/a/b.db?mode=rw");
    assert_eq!(DatabaseUrl::parse("/q/b.db").unwrap().resolved(Path::new("/p")).to_string(), "/q/b.db");
}

#[test]
fn what_is_on_this_machine() {
    for (text, expected) in [
        ("app.db", true),
        ("postgres:///app", true),
        ("postgres://me@localhost:5433/app", true),
        ("postgres://me@[::1]:5433/app", true),
        ("postgres://me@%2Frun%2Fpg/app", true),
        ("postgres:///app?host=/run/pg", true),
        ("host=127.0.0.1 dbname=app", true),
        ("dbname=app", true),
        ("postgres://me@db.example.org/app", false),
        ("postgres://me@localhost,db.example.org/app", false),
        ("postgres:///app?host=db.example.org", false),
        ("host=db dbname=app", false),
        ("mysql://me@10.0.0.1/app", false),
    ] {
        assert_eq!(DatabaseUrl::parse(text).unwrap().is_local(), expected, "{text}");
    }
}
