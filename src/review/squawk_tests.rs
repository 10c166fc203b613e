//! Squawk as an oracle: where it fires with a rule whose subject we claim, we fire on the same
//! statement, or the exception stands here with its reason.

use std::collections::BTreeSet;

use squawk_linter::Linter;
use squawk_syntax::SourceFile;

use super::testing::findings;
use super::{Example, RULES, Severity};
use crate::dialect::Dialect::Postgres;

const SCHEMA: &str = "CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE orgs (id integer PRIMARY KEY);
CREATE TABLE users (id integer PRIMARY KEY, nick text, name varchar(10), score integer NOT NULL DEFAULT 0,
    org integer, at timestamp, mood mood);
CREATE INDEX users_nick ON users (nick);
CREATE UNIQUE INDEX users_org ON users (org);
CREATE TABLE parts (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE DOMAIN positive AS integer;
CREATE TABLE amounts (id integer PRIMARY KEY, amount positive);
CREATE VIEW seen AS SELECT id FROM users;
CREATE TABLE logs (id integer PRIMARY KEY, user_id integer REFERENCES users (id));";

/// A rule of squawk, ours that say the same, and statements on which it fires.
struct Claim {
    squawk: &'static str,
    ours: &'static [&'static str],
    statements: &'static [&'static str],
}

const fn claim(squawk: &'static str, ours: &'static [&'static str], statements: &'static [&'static str]) -> Claim {
    Claim { squawk, ours, statements }
}

const CLAIMS: &[Claim] = &[
    claim(
        "require-concurrent-index-creation",
        &["OM101"],
        &["CREATE INDEX i ON users (name)", "CREATE UNIQUE INDEX i ON users (name, id)"],
    ),
    claim(
        "require-concurrent-index-deletion",
        &["OM102"],
        &["DROP INDEX users_nick", "DROP INDEX IF EXISTS users_nick"],
    ),
    claim("require-concurrent-reindex", &["OM103"], &["REINDEX TABLE users", "REINDEX INDEX users_nick"]),
    claim("require-concurrent-partition-detach", &["OM105"], &["ALTER TABLE parts DETACH PARTITION parts_1"]),
    claim(
        "ban-concurrent-index-creation-in-transaction",
        &["OM701", "OM702"],
        &["ALTER TABLE users ADD COLUMN a integer;\nCREATE INDEX CONCURRENTLY i ON users (a)"],
    ),
    claim(
        "constraint-missing-not-valid",
        &["OM112", "OM113"],
        &[
            "ALTER TABLE users ADD CONSTRAINT c CHECK (score > 0)",
            "ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (org) REFERENCES orgs (id)",
        ],
    ),
    claim(
        "adding-foreign-key-constraint",
        &["OM112"],
        &[
            "ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (org) REFERENCES orgs (id)",
            "ALTER TABLE users ADD COLUMN of integer REFERENCES orgs (id)",
        ],
    ),
    claim(
        "adding-field-with-default",
        &["OM109"],
        &[
            "ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid()",
            "ALTER TABLE users ADD COLUMN a integer GENERATED ALWAYS AS (score * 2) STORED",
        ],
    ),
    claim("adding-required-field", &["OM001"], &["ALTER TABLE users ADD COLUMN age integer NOT NULL"]),
    claim("adding-not-nullable-field", &["OM110", "OM002"], &["ALTER TABLE users ALTER COLUMN nick SET NOT NULL"]),
    claim(
        "adding-serial-primary-key-field",
        &["OM109", "OM116"],
        &["ALTER TABLE orgs ADD COLUMN k serial PRIMARY KEY", "ALTER TABLE parts_1 ADD PRIMARY KEY (id)"],
    ),
    claim(
        "changing-column-type",
        &["OM111"],
        &[
            "ALTER TABLE users ALTER COLUMN score TYPE bigint",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(5)",
            "ALTER TABLE users ALTER COLUMN name TYPE varchar(20)",
            "ALTER TABLE users ALTER COLUMN name TYPE text",
        ],
    ),
    claim(
        "disallowed-unique-constraint",
        &["OM116"],
        &["ALTER TABLE users ADD CONSTRAINT u UNIQUE (name)", "ALTER TABLE users ADD COLUMN tag text UNIQUE"],
    ),
    claim(
        "renaming-column",
        &["OM202"],
        &["ALTER TABLE users RENAME COLUMN nick TO alias", "ALTER TABLE users RENAME nick TO alias"],
    ),
    claim("renaming-table", &["OM202"], &["ALTER TABLE users RENAME TO people"]),
    claim("ban-drop-column", &["OM003"], &["ALTER TABLE users DROP COLUMN nick"]),
    claim("ban-drop-table", &["OM003"], &["DROP TABLE amounts", "DROP TABLE IF EXISTS amounts"]),
    claim("ban-truncate-cascade", &["OM203", "OM204"], &["TRUNCATE users CASCADE"]),
    claim(
        "ban-alter-domain-with-add-constraint",
        &["OM114"],
        &["ALTER DOMAIN positive ADD CONSTRAINT p CHECK (VALUE > 0)"],
    ),
    claim("transaction-nesting", &["OM703"], &["BEGIN;\nSELECT 1;\nCOMMIT"]),
    claim("ban-uncommitted-transaction", &["OM703"], &["BEGIN;\nSELECT 1"]),
    claim("prefer-bigint-over-int", &["OM303"], &["CREATE TABLE t (id serial PRIMARY KEY)"]),
    claim("prefer-identity", &["OM304"], &["CREATE TABLE t (id bigserial PRIMARY KEY)"]),
    claim("prefer-text-field", &["OM305"], &["CREATE TABLE t (nick varchar(40))"]),
    claim("prefer-timestamp-tz", &["OM306"], &["CREATE TABLE t (at timestamp)"]),
    claim("ban-char-field", &["OM308"], &["CREATE TABLE t (code char(3))"]),
    claim("ban-drop-not-null", &["OM213"], &["ALTER TABLE users ALTER COLUMN score DROP NOT NULL"]),
    claim(
        "identifier-too-long",
        &["OM313"],
        &[
            "CREATE INDEX CONCURRENTLY an_index_with_a_name_that_goes_on_and_on_until_it_is_far_too_long ON users (nick)",
        ],
    ),
    claim("require-lock-timeout", &["OM122"], &["ALTER TABLE users ADD COLUMN a integer"]),
];

/// Where squawk fires and we do not, on purpose.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "changing-column-type",
        "ALTER TABLE users ALTER COLUMN name TYPE varchar(20)",
        "a longer varchar keeps its rows and indexes (measured in postgres_tests)",
    ),
    (
        "changing-column-type",
        "ALTER TABLE users ALTER COLUMN name TYPE text",
        "varchar to text keeps its rows and indexes (measured in postgres_tests)",
    ),
    (
        "adding-foreign-key-constraint",
        "ALTER TABLE users ADD COLUMN of integer REFERENCES orgs (id)",
        "a new column without a default is NULL everywhere: nothing is scanned (measured in postgres_tests)",
    ),
    (
        "disallowed-unique-constraint",
        "ALTER TABLE users ADD COLUMN tag text UNIQUE",
        "every value of the new column is NULL: the index is built without sorting, and no pair is equal",
    ),
];

/// Rules of squawk that we do not claim, and why.
const NOT_CLAIMED: &[(&str, &str)] = &[
    (
        "prefer-robust-stmts",
        "Diesel's transaction takes a half revision back; OM702 and OM505 are about those without one",
    ),
    ("require-statement-timeout", "what runs the revisions sets its own limits"),
    ("require-timeout-settings", "the older name of both"),
    ("prefer-bigint-over-smallint", "the models say the type"),
    ("prefer-timestamptz", "the models say the type"),
    ("ban-create-domain-with-constraint", "a new domain is used by nobody yet"),
    ("ban-drop-default", "OM206 asks whether the column needs it"),
    ("ban-drop-constraint", "OM006 asks for the way back"),
    ("ban-drop-view", "no rows are lost; OM006 asks for the way back"),
    ("ban-drop-function", "no rows are lost; OM006 asks for the way back"),
    ("ban-drop-type", "no rows are lost; OM006 asks for the way back"),
    ("ban-drop-trigger", "no rows are lost; OM006 asks for the way back"),
    ("ban-drop-index", "OM102"),
    ("ban-add-enum-value", "OM124 asks whether it is used at once"),
    ("ban-add-column", "adding a column is no fault"),
    ("renaming-object", "indexes and constraints have no users in Diesel"),
    ("require-table-schema", "Diesel's search path is the project's"),
    ("require-enum-value-ordering", "the order of values is the models'"),
];

/// What squawk says of a script, as the names of its rules.
fn squawk(sql: &str) -> BTreeSet<String> {
    let parse = SourceFile::parse(sql);
    let mut linter = Linter::with_default_rules();
    linter.settings.assume_in_transaction = true;
    let mut found: BTreeSet<String> =
        linter.lint(&parse, sql).into_iter().map(|violation| violation.code.to_string()).collect();
    // Those that are off by default are asked for by name.
    let wanted = CLAIMS.iter().filter_map(|claim| claim.squawk.parse().ok()).collect::<Vec<_>>();
    let mut linter = Linter::with_rules(&wanted, &[]);
    linter.settings.assume_in_transaction = true;
    found.extend(linter.lint(&parse, sql).into_iter().map(|violation| violation.code.to_string()));
    found
}

/// The codes of ours about a script, those that are off by default included.
fn ours(before: &str, sql: &str) -> BTreeSet<&'static str> {
    let example = Example { up: sql.to_owned().leak(), ..Example::new("", &[]).on(before.to_owned().leak()) };
    findings(&example, Postgres, &|_| true).into_iter().map(|finding| finding.code).collect()
}

#[test]
fn where_squawk_fires_on_what_we_claim_we_fire() {
    let mut wrong = Vec::new();
    for claim in CLAIMS {
        for statement in claim.statements {
            let sql = format!("{statement};\n");
            if !squawk(&sql).contains(claim.squawk) {
                wrong.push(format!("squawk {} is silent on: {statement}", claim.squawk));
            }
            let excused = EXCEPTIONS.iter().any(|(rule, on, _)| *rule == claim.squawk && on == statement);
            let found = ours(SCHEMA, &sql);
            if claim.ours.iter().any(|code| found.contains(code)) == excused {
                wrong.push(format!("{} on: {statement}: ours say {found:?}, excused: {excused}", claim.squawk));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of our own rules as a corpus: nothing of squawk's is left without a word.
#[test]
fn squawk_on_our_examples() {
    let known = |rule: &str| NOT_CLAIMED.iter().any(|(name, _)| *name == rule);
    let examples = RULES.iter().filter(|rule| rule.dialects.contains(&Postgres)).flat_map(|rule| rule.examples);
    let mut strange = BTreeSet::new();
    for example in examples.filter(|example| example.dialects.is_empty() || example.dialects.contains(&Postgres)) {
        for rule in squawk(example.up).into_iter().filter(|rule| !known(rule)) {
            if !CLAIMS.iter().any(|claim| claim.squawk == rule) {
                strange.insert(rule);
            }
        }
    }
    assert!(strange.is_empty(), "neither claimed nor refused: {strange:?}");
    assert!(NOT_CLAIMED.iter().all(|(name, why)| !why.is_empty() && CLAIMS.iter().all(|claim| claim.squawk != *name)));
    assert!(
        CLAIMS
            .iter()
            .flat_map(|claim| claim.ours)
            .all(|code| RULES.iter().any(|r| r.code == *code && r.severity >= Severity::Off))
    );
}
