//! The command line itself: help, exit codes, colours, quiet, completions.

use expect_test::expect;

use crate::common::{Sandbox, Terminal};

#[test]
fn help_without_a_subcommand() {
    let sandbox = Sandbox::empty();
    sandbox.run([]).check(expect![[r#"
        exit 0
        --- stdout
        Alembic for Diesel, without a database in the way: creates, proves, reviews and runs migrations, and
        guards commits

        Usage: cargo ops-migrate [OPTIONS] [COMMAND]

        Commands:
          create       Write a revision from what the models changed, and prove it
          review       Explain a revision and say where a human must look
          test         Prove revisions on a scratch database: up, down, up again, with rows
          upgrade      Apply revisions, up to head or a target
          rollback     Take revisions back, the last one or down to a target [alias: downgrade]
          stamp        Record where the database stands, without running anything
          protect      Mark the database as protected: what loses rows then wants its name typed
          unprotect    Take that mark away
          resolve      Settle a run that crashed halfway, after a look at the database
          repair       Put a database right that is not what its recorded revisions make
          unlock       Clear away the lock of a runner that is gone; refused while it lives
          status       Current, head, pending, and whether models, chain and database agree
          history      List revisions, newest first
          current      The revision that the database is at
          heads        Revisions that nothing follows
          rebase       Put the revisions of one branch behind those of another: one line out of two heads
          merge        Join heads that are published by a revision that follows them all
          show         One revision: what it does, and its SQL
          check        Do models and revisions of a tree agree? For hooks and CI
          schema       The schema at a revision, without a database
          diff         What differs between two schemas
          init         Set a project up
          doctor       What was found, where from, and what is missing
          hooks        Install, remove or inspect the git hooks
          completions  Print a completion script for a shell
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Global options:
              --manifest-path <PATH>
                  Cargo.toml of the workspace or backend

          -p, --package <NAME>
                  The package that is the backend, where several could be

              --migration-dir <DIR>
                  The migrations directory

              --database-url <URL>
                  The database (else DATABASE_URL, .env, configuration)

              --format <FORMAT>
                  How results are printed

                  Possible values:
                  - human
                  - json
                  - sql:      SQL statements (`schema`, `diff`)
                  - rust:     `table!` blocks (`schema`)
                  - ops:      `#[ops(…)]` attributes that describe the tables, for structs that derive
                    OpsModel (`schema`)
                  - github:   Annotations of GitHub Actions (`check`, `review`)
                  - gitlab:   A Code Quality report of GitLab (`check`, `review`)
                  - sarif:    SARIF 2.1.0 (`check`, `review`)
                  - markdown: A comment for a pull request (`review`)

                  [default: human]

              --color <COLOR>
                  When to use colours

                  Possible values:
                  - auto:   On a terminal, unless NO_COLOR is set
                  - always
                  - never

                  [default: auto]

          -q, --quiet
                  Say less

          -v, --verbose
                  Say more

        What must be running:
          nothing         create --no-proof, review, check, status --offline, history, heads, rebase,
                          merge, show, schema, diff, hooks
          SQLite          nothing more: the engine is compiled in
          PostgreSQL      a server for upgrade, rollback, status, current, and the proof in create and test
                          (often: docker compose up -d db); `cargo ops-migrate doctor` tells what is missing
          MySQL, MariaDB  the same; built with `--features mysql`

        Exit codes:
          0 fine   1 something for you to change (drift, findings, blocked)   2 usage, or could not decide
          3 revisions pending   4 several heads   5 database out of reach   6 a published revision was
          edited
          7 another runner holds the lock, or others a table   8 a crashed run needs `resolve`
          70 a bug of this tool   130, 143 ended by Ctrl-C or SIGTERM, in good order

        First steps: cargo ops-migrate init; cargo ops-migrate hooks install; edit a table!;
                     cargo ops-migrate create "what changed"; git commit; cargo ops-migrate upgrade
    "#]]);
    let _ = sandbox.run(["--help"]).exits(0).says(&["What must be running", "Exit codes"]);
    let _ = sandbox.run(["create", "--help"]).exits(0).says(&["--rename", "--fill"]);
    let _ = sandbox.run(["--version"]).exits(0);
}

#[test]
fn what_clap_refuses() {
    let sandbox = Sandbox::empty();
    let _ = sandbox.run(["creat", "x"]).exits(2).says(&["create"]);
    let _ = sandbox.run(["create"]).exits(2);
    let _ = sandbox.run(["status", "--format", "xml"]).exits(2).says(&["human, json"]);
    let _ = sandbox.run(["check", "--staged", "--tree", "HEAD"]).exits(2);
    let _ = sandbox.run(["status", "--format", "sql"]).exits(2).says(&["for `schema` and `diff`"]);
}

#[test]
fn exit_codes() {
    let sandbox = Sandbox::with_chain();
    let codes = |args: &[&str]| sandbox.run(args.iter().copied()).code;
    assert_eq!(codes(&["status", "--offline"]), 0);
    assert_eq!(codes(&["show", "nonsense"]), 2);
    assert_eq!(codes(&["status"]), 3);
    assert_eq!(codes(&["current"]), 5);
    assert_eq!(codes(&["upgrade"]), 0);
    assert_eq!(codes(&["status"]), 0);
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    assert_eq!(codes(&["status"]), 1);
    assert_eq!(codes(&["check"]), 1);
    let help = sandbox.run([]).stdout;
    for code in [
        "0 fine",
        "1 something",
        "2 usage",
        "3 revisions pending",
        "4 several heads",
        "5 database",
        "6 a published",
        "7 another runner",
        "8 a crashed run",
    ] {
        assert!(help.contains(code), "{code}");
    }
}

#[test]
fn another_runner_holds_the_lock() {
    let sandbox = Sandbox::with_chain();
    let _ = sandbox.run(["upgrade", "+1"]).exits(0);
    let lock = sandbox.path("app.db.ops-migrate.lock");
    let holder = std::fs::File::create(lock).unwrap();
    holder.lock().unwrap();
    sandbox.run(["upgrade", "--lock-wait", "0"]).check(expect![[r#"
        exit 7
        --- stdout
        2 revisions to apply:
          20240201000000  create posts  2024-02-01-000000_create_posts
          20240301000000  add bio  2024-03-01-000000_add_bio
        --- stderr
        error: another runner holds the lock: another process
        hint: waited 0 s; try again when it is done
        hint: cargo ops-migrate status tells where the database stands now
    "#]]);
    drop(holder);
    let _ = sandbox.run(["upgrade", "--lock-wait", "0"]).exits(0);
}

#[test]
fn colours_are_wanted_or_not() {
    let mut sandbox = Sandbox::with_chain();
    let terminal = Terminal { is_terminal: true, ..Terminal::default() };
    let colored = |output: crate::common::Output| output.stdout.contains('\u{1b}');
    assert!(!colored(sandbox.run(["history"])));
    assert!(colored(sandbox.run_on(terminal, ["history"])));
    assert!(colored(sandbox.run(["history", "--color", "always"])));
    assert!(!colored(sandbox.run_on(terminal, ["history", "--color", "never"])));
    sandbox.vars.insert("NO_COLOR".to_owned(), "1".to_owned());
    assert!(!colored(sandbox.run_on(terminal, ["history"])));
    assert!(colored(sandbox.run(["history", "--color", "always"])));
    sandbox.vars.insert("NO_COLOR".to_owned(), String::new());
    assert!(colored(sandbox.run_on(terminal, ["history"])), "an empty NO_COLOR does not count");
    let error = sandbox.run(["show", "nonsense", "--color", "always"]);
    assert!(error.stderr.contains('\u{1b}'), "{}", error.stderr);
}

#[test]
fn json_has_no_colours() {
    let sandbox = Sandbox::with_chain();
    for args in [["history", "--format", "json"], ["heads", "--format", "json"], ["schema", "--format", "json"]] {
        sandbox.run(args.into_iter().chain(["--color", "always"])).json();
    }
}

#[test]
fn quiet_says_less() {
    let sandbox = Sandbox::with_chain();
    sandbox.edit("src/schema.rs", "name -> Text,", "name -> Text,\n        nick_name -> Nullable<Text>,");
    let output = sandbox.run(["create", "add nick name", "-q"]).exits(0);
    assert_eq!(output.stderr, "");
    let output = sandbox.run(["upgrade", "+1", "-q"]).exits(0);
    assert_eq!(
        (output.stdout.lines().count(), output.stderr.as_str()),
        (1, ""),
        "only what was done:\n{}",
        output.stdout
    );
    let output = sandbox.run(["upgrade", "--plan", "-q"]).exits(0);
    assert!(output.stdout.contains("to apply"), "a plan that was asked for is the result");
    let output = sandbox.run(["show", "nonsense", "-q"]).exits(2);
    assert!(output.stderr.contains("error"), "errors are always told");
}

#[test]
fn completions_for_every_shell() {
    let sandbox = Sandbox::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = sandbox.run(["completions", shell]).exits(0);
        assert!(output.stdout.contains("rollback"), "{shell}");
    }
    let _ = sandbox.run(["completions", "dos"]).exits(2);
}
