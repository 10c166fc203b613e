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
    expect![[""]].assert_eq(&report(Service::Github, &findings));
    let sarif: serde_json::Value = serde_json::from_str(&report(Service::Sarif, &findings)).unwrap();
    expect![[""]].assert_eq(&format!("{:#}", sarif["runs"][0]["results"][1]));
    expect![[""]].assert_eq(&format!("{:#}", sarif["runs"][0]["tool"]["driver"]["rules"][1]));
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
