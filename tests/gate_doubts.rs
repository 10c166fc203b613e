//! The gate beside SQL that no replay follows: a DO block, a function with DDL of names that it puts
//! together. What its text does not name it has not made, unless it comes with the change itself.

use crate::common::MANIFEST;
use crate::common::real::RealRepo;

/// Indexes go by a pattern, and a column comes to tables that a query names.
const UNFOLLOWED: &str = "DO $$
DECLARE r record;
BEGIN
    FOR r IN SELECT schemaname, indexname FROM pg_indexes WHERE indexname LIKE 'old%' LOOP
        EXECUTE 'drop index ' || r.schemaname || '.' || r.indexname;
    END LOOP;
    FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('alter table %I add column seen_by text', r.tablename);
    END LOOP;
END $$;
";

/// What the hook says of a column that it cannot decide about.
const UNDECIDED: &str = "ops-migrate: not decided here (a DO block changes the schema): + users.seen_by Nullable<Text>";

fn on_postgres() -> RealRepo {
    let repo = RealRepo::new();
    repo.write("Cargo.toml", MANIFEST.replace("sqlite", "postgres"));
    repo.commit_all("PostgreSQL").passes_silently();
    repo
}

fn add_unfollowed(repo: &RealRepo) {
    repo.write("migrations/2024-02-01-000000_unfollowed/up.sql", UNFOLLOWED);
    repo.write("migrations/2024-02-01-000000_unfollowed/down.sql", "SELECT 1;\n");
}

#[test]
fn an_old_revision_that_is_not_followed_excuses_what_it_names_alone() {
    let repo = on_postgres();
    add_unfollowed(&repo);
    repo.commit_all("unfollowed").passes_silently();
    repo.add_column("nick");
    repo.commit_all("nick").blocks("ops-migrate: users.nick added in src/schema.rs:5 has no migration");
    repo.add_revision(2, "nick");
    repo.commit_all("nick").passes_silently();
    // A column that goes, and one whose type changes.
    repo.edit("src/schema.rs", "        name -> Text,\n", "");
    repo.commit_all("no name").blocks("ops-migrate: users.name removed in src/schema.rs:2 has no migration");
    repo.git(&["checkout", "--quiet", "HEAD", "--", "src/schema.rs"]).passes();
    repo.edit("src/schema.rs", "        name -> Text,\n", "        name -> Integer,\n");
    repo.commit_all("a number")
        .blocks("ops-migrate: users.name changed to Integer in src/schema.rs:4 has no migration");
    repo.git(&["checkout", "--quiet", "HEAD", "--", "src/schema.rs"]).passes();
    repo.add_column("seen_by");
    repo.commit_all("seen").passes().says(&[UNDECIDED]);
}

#[test]
fn a_new_revision_that_is_not_followed_excuses_its_commit() {
    let repo = on_postgres();
    add_unfollowed(&repo);
    repo.add_column("nick");
    repo.commit_all("nick").passes().says(&["not decided here", "+ users.nick Nullable<Text>"]);
}
