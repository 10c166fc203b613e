//! One review in every form.

use expect_test::expect;

use super::{Entry, for_services, human, json, markdown, summary};
use crate::dialect::Dialect::Postgres;
use crate::report::{Service, report};
use crate::review::Example;
use crate::review::testing::reviewed;

fn entries() -> Vec<Entry> {
    let up = "-- an index\nCREATE INDEX users_nick\n    ON users (nick);\nDO $$ BEGIN END $$;\n";
    let example = Example::new(up, &[]).down("SELECT 1;");
    let reviewed = reviewed(&example, Postgres, &|rule| rule.code == "OM101" || rule.code == "OM006");
    vec![Entry { directory: "migrations/2024-02-01-000000_new".to_owned(), dialect: Postgres, reviewed }]
}

#[test]
fn for_people() {
    let entries = entries();
    let plain = |text: &str, _: Option<_>| text.to_owned();
    let text = human(&entries[0], &plain).join("\n");
    expect![[r#"
        error OM006 down-not-inverse: down.sql does not restore the schema; missing: drop index users_nick of users
            at migrations/2024-02-01-000000_new/down.sql
            add the statement to down.sql; `cargo ops-migrate test` proves it
              DROP INDEX users_nick;
            --fix: add what down.sql leaves out
        warn OM101 index-not-concurrent: index users_nick is built while nobody can write to users
            at migrations/2024-02-01-000000_new/up.sql:2
            2 | CREATE INDEX users_nick
            3 |     ON users (nick);
            lock: SHARE on users: blocks writes while the index is built
            CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml
              -- metadata.toml: run_in_transaction = false
              CREATE INDEX CONCURRENTLY users_nick
                  ON users (nick);
        not analysed: migrations/2024-02-01-000000_new/up.sql:4: DO $$ BEGIN END $$
        1 error, 1 warning; analysed 1 of 2 statements
    "#]]
    .assert_eq(&format!("{text}\n{}\n", summary(&entries).line()));
}

#[test]
fn as_json() {
    expect![[r#"
        {
          "schema_version": 1,
          "summary": {
            "revisions": 1,
            "errors": 1,
            "warnings": 1,
            "notes": 0,
            "statements": 2,
            "analysed": 1,
            "known": 0
          },
          "revisions": [
            {
              "directory": "migrations/2024-02-01-000000_new",
              "operations": [
                "create index users_nick on users"
              ],
              "statements": 2,
              "data_statements": 0,
              "not_analysed": [
                {
                  "file": "migrations/2024-02-01-000000_new/up.sql",
                  "line": 4,
                  "statement": "DO $$ BEGIN END $$"
                }
              ],
              "findings": [
                {
                  "code": "OM006",
                  "rule": "down-not-inverse",
                  "severity": "error",
                  "file": "migrations/2024-02-01-000000_new/down.sql",
                  "line": 0,
                  "column": 0,
                  "end_line": 0,
                  "end_column": 0,
                  "text": "down.sql does not restore the schema; missing: drop index users_nick of users",
                  "safer": "add the statement to down.sql; `cargo ops-migrate test` proves it",
                  "sql": "DROP INDEX users_nick;",
                  "fix": {
                    "title": "add what down.sql leaves out",
                    "edits": [
                      {
                        "file": "migrations/2024-02-01-000000_new/down.sql",
                        "start": 9,
                        "end": 9,
                        "text": "\nDROP INDEX users_nick;\n"
                      }
                    ]
                  },
                  "fingerprint": "2e0407a9b0c449a9"
                },
                {
                  "code": "OM101",
                  "rule": "index-not-concurrent",
                  "severity": "warn",
                  "file": "migrations/2024-02-01-000000_new/up.sql",
                  "line": 2,
                  "column": 1,
                  "end_line": 3,
                  "end_column": 20,
                  "text": "index users_nick is built while nobody can write to users",
                  "safer": "CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml",
                  "sql": "-- metadata.toml: run_in_transaction = false\nCREATE INDEX CONCURRENTLY users_nick\n    ON users (nick);",
                  "lock": {
                    "mode": "SHARE",
                    "tables": [
                      "users"
                    ],
                    "work": "index",
                    "blocks": "writes"
                  },
                  "fingerprint": "75f7017d8f26ca31"
                }
              ]
            }
          ]
        }"#]].assert_eq(&serde_json::to_string_pretty(&json(&entries())).unwrap());
}

#[test]
fn for_services_that_show_it_beside_the_code() {
    let findings = for_services(&entries());
    expect![[r#"
        ::error file=migrations/2024-02-01-000000_new/down.sql,title=OM006 down-not-inverse::down.sql does not restore the schema; missing: drop index users_nick of users%0ASafer: add the statement to down.sql; `cargo ops-migrate test` proves it%0A%0ADROP INDEX users_nick;
        ::warning file=migrations/2024-02-01-000000_new/up.sql,line=2,endLine=3,title=OM101 index-not-concurrent::index users_nick is built while nobody can write to users%0ALock: SHARE on users: blocks writes while the index is built.%0ASafer: CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml%0A%0A-- metadata.toml: run_in_transaction = false%0ACREATE INDEX CONCURRENTLY users_nick%0A    ON users (nick);"#]].assert_eq(&report(Service::Github, &findings));
    let sarif: serde_json::Value = serde_json::from_str(&report(Service::Sarif, &findings)).unwrap();
    expect![[r#"
        {
          "level": "warning",
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "migrations/2024-02-01-000000_new/up.sql"
                },
                "region": {
                  "endColumn": 20,
                  "endLine": 3,
                  "startColumn": 1,
                  "startLine": 2
                }
              }
            }
          ],
          "message": {
            "text": "index users_nick is built while nobody can write to users\nLock: SHARE on users: blocks writes while the index is built.\nSafer: CONCURRENTLY, alone in a revision with run_in_transaction = false in metadata.toml\n\n-- metadata.toml: run_in_transaction = false\nCREATE INDEX CONCURRENTLY users_nick\n    ON users (nick);"
          },
          "partialFingerprints": {
            "ops-migrate/v1": "75f7017d8f26ca31"
          },
          "ruleId": "OM101"
        }"#]].assert_eq(&format!("{:#}", sarif["runs"][0]["results"][1]));
    expect![[r#"
        {
          "fullDescription": {
            "text": "It holds a SHARE lock until the index is built: every INSERT, UPDATE and DELETE waits. CONCURRENTLY lets them through; it refuses to run in a transaction, so it stands alone in a revision without one."
          },
          "help": {
            "text": "It holds a SHARE lock until the index is built: every INSERT, UPDATE and DELETE waits. CONCURRENTLY lets them through; it refuses to run in a transaction, so it stands alone in a revision without one."
          },
          "helpUri": "https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY",
          "id": "OM101",
          "name": "index-not-concurrent",
          "shortDescription": {
            "text": "CREATE INDEX on a table that is in use, without CONCURRENTLY"
          }
        }"#]].assert_eq(&format!("{:#}", sarif["runs"][0]["tool"]["driver"]["rules"][1]));
}

#[test]
fn for_a_pull_request() {
    expect![[r#"
        ### Migrations: 1 error, 1 warning

        #### `migrations/2024-02-01-000000_new`

        - create index users\_nick on users

        Way back: down.sql does not restore the schema.

        | | rule | finding | at |
        |---|---|---|---|
        | ❌ error | OM006 down-not-inverse | down.sql does not restore the schema; missing: drop index users\_nick of users | `down.sql` |
        | ⚠️ warn | OM101 index-not-concurrent | index users\_nick is built while nobody can write to users | `up.sql:2` |

        <details><summary>OM006 down.sql does not restore the schema; missing: drop index users\_nick of users</summary>

        add the statement to down.sql; \`cargo ops-migrate test\` proves it

        ```sql
        DROP INDEX users_nick;
        ```

        </details>

        <details><summary>OM101 index users\_nick is built while nobody can write to users</summary>

        Lock: SHARE on users: blocks writes while the index is built.

        CONCURRENTLY, alone in a revision with run\_in\_transaction = false in metadata.toml

        ```sql
        -- metadata.toml: run_in_transaction = false
        CREATE INDEX CONCURRENTLY users_nick
            ON users (nick);
        ```

        </details>

        Not analysed: `migrations/2024-02-01-000000_new/up.sql:4`: `DO $$ BEGIN END $$`

        <sub>`cargo ops-migrate review`: analysed 1 of 2 statements.</sub>
    "#]].assert_eq(&markdown(&entries()));
}
