//! The gate in projects of every shape: where the backend lies, how many there are, and none at all.

use expect_test::expect;

use crate::common::real::RealRepo;
use crate::common::{FIRST, MANIFEST, SCHEMA};

/// A repository without hooks' work done yet: the files are committed and the hooks installed.
fn project(write: impl Fn(&RealRepo)) -> RealRepo {
    let repo = RealRepo::unborn(&[]);
    write(&repo);
    repo.record("first");
    repo.tool(&["hooks", "install"]).passes();
    repo
}

fn add_nick(repo: &RealRepo, schema: &str) {
    repo.edit(schema, "        email ->", "        nick -> Nullable<Text>,\n        email ->");
}

fn write_nick(repo: &RealRepo, migrations: &str) {
    repo.write(&format!("{migrations}/2024-02-01-000000_nick/up.sql"), "ALTER TABLE users ADD COLUMN nick TEXT;\n");
    repo.write(&format!("{migrations}/2024-02-01-000000_nick/down.sql"), "ALTER TABLE users DROP COLUMN nick;\n");
}

#[test]
fn backend_in_a_member() {
    let repo = project(|repo| {
        repo.write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n");
        repo.write("crates/web/Cargo.toml", "[package]\nname = \"web\"\n");
        repo.write("crates/web/src/lib.rs", "");
        repo.write_crate("crates/db/");
    });
    add_nick(&repo, "crates/db/src/schema.rs");
    repo.git(&["add", "--all"]).passes();
    repo.commit("nick")
        .blocks("ops-migrate: users.nick added in crates/db/src/schema.rs:5 has no migration")
        .says(&["write it:  cargo ops-migrate create \"users nick added\" && git add crates/db/migrations\n"]);
    write_nick(&repo, "crates/db/migrations");
    repo.commit_all("nick").passes_silently();
}

#[test]
fn backend_in_a_member_with_its_chain_at_the_root() {
    let repo = project(|repo| {
        repo.write_crate("");
        repo.write("Cargo.toml", "[workspace]\nmembers = [\"db\", \"cli\"]\n");
        repo.write("db/Cargo.toml", MANIFEST);
        repo.git(&["mv", "-k", "src", "db/"]).passes();
        std::fs::rename(repo.path("src"), repo.path("db/src")).unwrap();
        // It depends on diesel too, and has no models.
        repo.write("cli/Cargo.toml", MANIFEST.replace("app", "cli"));
        repo.write("cli/src/main.rs", "fn main() {}\n");
    });
    add_nick(&repo, "db/src/schema.rs");
    repo.commit_all("nick")
        .blocks("ops-migrate: users.nick added in db/src/schema.rs:5 has no migration")
        .says(&["&& git add migrations\n"]);
    write_nick(&repo, "migrations");
    repo.commit_all("nick").passes_silently();
}

/// What the member's manifest says counts for the gate as for every other command.
#[test]
fn backend_in_a_member_below_a_package_at_the_root() {
    let repo = project(|repo| {
        repo.write_crate("");
        repo.write("Cargo.toml", format!("{MANIFEST}\n[workspace]\nmembers = [\"db\"]\n"));
        repo.write("diesel.toml", "[print_schema]\nfile = \"db/src/schema.rs\"\n");
        repo.write("db/Cargo.toml", MANIFEST.replace("\"app\"", "\"db\""));
        std::fs::rename(repo.path("src"), repo.path("db/src")).unwrap();
        repo.write("src/main.rs", "fn main() {}\n");
    });
    let manifest = repo.read("db/Cargo.toml");
    repo.write("db/Cargo.toml", format!("{manifest}\n[package.metadata.ops-migrate.history]\n"));
    repo.commit_all("history").blocks("ops-migrate: history of users changed in db/src/schema.rs:2 has no migration");
    repo.write("db/Cargo.toml", format!("{manifest}\n[package.metadata.ops-migrate]\npre-commit = \"warn\"\n"));
    add_nick(&repo, "db/src/schema.rs");
    repo.commit_all("nick").passes();
}

#[test]
fn backend_in_a_subdirectory() {
    let repo = project(|repo| {
        repo.write("frontend/package.json", "{}\n");
        repo.write_crate("backend/");
    });
    add_nick(&repo, "backend/src/schema.rs");
    repo.git(&["add", "--all"]).passes();
    let line = "ops-migrate: users.nick added in backend/src/schema.rs:5 has no migration";
    repo.commit("nick")
        .blocks(line)
        .says(&["create \"users nick added\" --manifest-path backend/Cargo.toml && git add backend/migrations\n"]);
    // From elsewhere, so that it can be pasted there.
    repo.git(&["-C", "frontend", "commit", "-m", "nick"])
        .blocks(line)
        .says(&["create \"users nick added\" --manifest-path ../backend/Cargo.toml && git add :/backend/migrations\n"]);
    repo.git(&["-C", "backend/src", "commit", "-m", "nick"])
        .blocks(line)
        .says(&["create \"users nick added\" && git add :/backend/migrations\n"]);
    write_nick(&repo, "backend/migrations");
    repo.commit_all("nick").passes_silently();
}

#[test]
fn a_chain_for_each_database() {
    let up = crate::common::real::UP;
    let repo = project(|repo| {
        repo.write("Cargo.toml", MANIFEST.replace("[\"sqlite\"]", "[\"sqlite\", \"postgres\"]"));
        repo.write("src/schema.rs", SCHEMA);
        for group in ["sqlite", "postgresql"] {
            let directory = FIRST.replace("migrations", &format!("migrations/{group}"));
            repo.write(&format!("{directory}/up.sql"), up);
            repo.write(&format!("{directory}/down.sql"), "DROP TABLE users;\n");
        }
    });
    repo.add_column("nick");
    let line = "ops-migrate: users.nick added in src/schema.rs:5 has no migration";
    let ran = repo.commit_all("nick").blocks(line);
    expect![[r#"
        ops-migrate: users.nick added in src/schema.rs:5 has no migration
          + users.nick Nullable<Text>                      src/schema.rs:5  (not in migrations/postgresql, migrations/sqlite)
        write it:  cargo ops-migrate create "users nick added" && git add migrations/postgresql migrations/sqlite
        skip once: OPS_MIGRATE_SKIP=1 git commit …   (pre-push and CI check again)
    "#]]
    .assert_eq(&ran.stderr);
    // One of them is not enough.
    write_nick(&repo, "migrations/sqlite");
    repo.commit_all("nick").blocks(line).says(&["src/schema.rs:5  (not in migrations/postgresql)\n"]);
    write_nick(&repo, "migrations/postgresql");
    repo.commit_all("nick").passes_silently();
}

#[test]
fn two_backends() {
    let repo = project(|repo| {
        repo.write("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n");
        for name in ["a", "b"] {
            repo.write_crate(&format!("{name}/"));
            repo.write(&format!("{name}/Cargo.toml"), MANIFEST.replace("\"app\"", &format!("\"{name}\"")));
        }
    });
    add_nick(&repo, "b/src/schema.rs");
    repo.commit_all("nick")
        .blocks("ops-migrate: users.nick added in b/src/schema.rs:5 has no migration")
        .says(&["create \"users nick added\" --package b && git add b/migrations\n"]);
    write_nick(&repo, "a/migrations");
    assert_eq!(repo.commit_all("the wrong one").code, 1);
    write_nick(&repo, "b/migrations");
    repo.commit_all("nick").passes();
}

#[test]
fn examples_and_fixtures_are_nobodys_backend() {
    let aside = ["examples/demo/", "tests/fixtures/app/", "crates/x/benches/y/"];
    let repo = project(|repo| {
        repo.write_crate("");
        for directory in aside {
            repo.write_crate(directory);
        }
    });
    for directory in aside {
        add_nick(&repo, &format!("{directory}src/schema.rs"));
    }
    repo.commit_all("examples").passes_silently();
    repo.write("examples/one.rs", "diesel::table! { other (id) { id -> Integer, } }\nfn main() {}\n");
    repo.write("tests/one.rs", "diesel::table! { more (id) { id -> Integer, } }\n");
    repo.commit_all("files of the package itself").passes_silently();
}

#[test]
fn row_57_no_backend_at_all() {
    let repo = project(|repo| {
        repo.write("Cargo.toml", "[package]\nname = \"x\"\n");
        repo.write("src/main.rs", "fn main() {}\n");
        repo.write("migrations/1_a/up.sql", "not SQL\n");
    });
    // `table!` of somebody else, and SQL of another tool.
    repo.write("src/lib.rs", "macros::table! { users (id) { id -> Integer, } }\nlet broken = ;\n");
    repo.write("migrations/1_b/up.sql", "not SQL either\n");
    repo.commit_all("all sorts").passes_silently();
    // A branch without any of it, in a repository with a backend.
    let repo = RealRepo::new();
    repo.git(&["switch", "--quiet", "--orphan", "pages"]).passes();
    repo.write("index.html", "<p>\n");
    repo.commit_all("pages").passes_silently();
}

/// A table that print-schema leaves out may go from the models.
#[test]
fn tables_that_diesel_toml_filters_out() {
    let repo = project(|repo| {
        repo.write_crate("");
        repo.write(
            "diesel.toml",
            "[print_schema]\nfile = \"src/schema.rs\"\nfilter = { except_tables = [\"^users$\", \"a.*\"] }\n",
        );
    });
    add_nick(&repo, "src/schema.rs");
    repo.commit_all("nick").passes_silently();
    repo.write("src/schema.rs", "");
    repo.commit_all("gone").passes_silently();
}

/// A project may have models for each database, as it has a chain for each: what changes for one of
/// them is asked of that one alone.
#[test]
fn models_for_each_database() {
    let repo = project(|repo| {
        repo.write_crate("");
        repo.write("Cargo.toml", MANIFEST.replace("\"sqlite\"", "\"sqlite\", \"postgres\""));
        repo.git(&["rm", "-rq", "--cached", "--ignore-unmatch", "."]).passes();
        std::fs::remove_dir_all(repo.path("migrations")).unwrap();
        std::fs::remove_file(repo.path("src/schema.rs")).unwrap();
        for (dialect, key) in [("sqlite", "INTEGER NOT NULL PRIMARY KEY"), ("postgresql", "serial PRIMARY KEY")] {
            repo.write(&format!("src/schemas/{dialect}/schema.rs"), SCHEMA);
            let revision = format!("migrations/{dialect}/2024-01-01-000000_users");
            repo.write(
                &format!("{revision}/up.sql"),
                format!("CREATE TABLE users (id {key}, name TEXT NOT NULL, email TEXT);\n"),
            );
            repo.write(&format!("{revision}/down.sql"), "DROP TABLE users;\n");
        }
    });
    add_nick(&repo, "src/schemas/postgresql/schema.rs");
    repo.commit_all("nick")
        .blocks("ops-migrate: users.nick added in src/schemas/postgresql/schema.rs:5 has no migration")
        .says(&["(not in migrations/postgresql)\n"]);
    write_nick(&repo, "migrations/postgresql");
    repo.commit_all("nick").passes_silently();
    // The other one follows later, in its own time.
    add_nick(&repo, "src/schemas/sqlite/schema.rs");
    repo.commit_all("nick too")
        .blocks("ops-migrate: users.nick added in src/schemas/sqlite/schema.rs:5 has no migration");
    write_nick(&repo, "migrations/sqlite");
    repo.commit_all("nick too").passes_silently();
}
