//! What the hooks do on request: tell which revisions came or went, and prove new ones on push.

use ops_migrate::db::{Database, DatabaseUrl};

use crate::common::real::RealRepo;

const ARRIVED: &str = "ops-migrate: 1 revision arrived: run cargo ops-migrate upgrade\n";

/// A repository whose database has the first revision, on branch `main`; a second revision is on
/// `topic`. The hooks that tell are installed.
fn with_topic() -> RealRepo {
    let repo = RealRepo::bare_crate(&[]);
    repo.write(".gitignore", "app.db*\n.env\n");
    repo.record("ignored");
    repo.write(".env", "DATABASE_URL=app.db\n");
    apply(&repo, "20240101000000");
    repo.git(&["checkout", "--quiet", "-b", "topic"]).passes();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.record("nick");
    repo.git(&["checkout", "--quiet", "main"]).passes();
    repo.tool(&["hooks", "install", "--notices"]).passes();
    repo
}

/// Notes a revision as applied, as Diesel does.
fn apply(repo: &RealRepo, version: &str) {
    let url = DatabaseUrl::parse(repo.path("app.db").to_str().unwrap()).unwrap();
    let mut database = Database::connect(&url).unwrap();
    database
        .execute(&format!(
            "CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}');"
        ))
        .unwrap();
}

/// Git's own words left out.
#[track_caller]
fn says(repo: &RealRepo, args: &[&str], expected: &str) {
    let ran = repo.git(args).passes();
    // Its progress ends in no line break.
    let ours = |line: &str| line.find("ops-migrate:").map(|at| format!("{}\n", &line[at..]));
    let told: String = ran.stderr.lines().filter_map(ours).collect();
    assert_eq!(told, expected, "{args:?}\n{}", ran.stderr);
}

#[test]
fn row_60_a_checkout_tells_what_arrived_and_what_is_not_known() {
    let repo = with_topic();
    says(&repo, &["checkout", "topic"], ARRIVED);
    // Only files, no branch.
    says(&repo, &["checkout", "main", "--", "src/schema.rs"], "");
    says(&repo, &["checkout", "topic", "--", "."], "");
    says(&repo, &["switch", "main"], "");
    apply(&repo, "20240201000000");
    says(&repo, &["checkout", "topic"], "");
    says(
        &repo,
        &["checkout", "main"],
        "ops-migrate: the database has revision 20240201000000 (add nick) that this branch does not know: see cargo ops-migrate status\n",
    );
    // A chain that stays the same is no news.
    says(&repo, &["checkout", "-b", "other"], "");
    repo.write("README.md", "docs\n");
    repo.record("docs");
    says(&repo, &["checkout", "main"], "");
}

#[test]
fn row_60_merge_pull_and_rebase() {
    let repo = with_topic();
    repo.write("README.md", "docs\n");
    repo.record("docs");
    says(&repo, &["merge", "--squash", "topic"], "");
    repo.git(&["reset", "--quiet", "--hard"]).passes();
    says(&repo, &["merge", "--no-edit", "topic"], ARRIVED);
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).passes();
    // In the course of a rebase HEAD moves about; at its end there is one word.
    says(&repo, &["rebase", "topic"], ARRIVED);
    says(&repo, &["commit", "--amend", "--message", "docs again"], "");
    // New work trees are filled, and nobody stood there before.
    says(&repo, &["worktree", "add", "-b", "more", repo.top().join("linked").to_str().unwrap()], "");
}

#[test]
fn row_60_without_a_database() {
    let repo = with_topic();
    fs_err::remove_file(repo.path("app.db")).unwrap();
    says(&repo, &["checkout", "topic"], "");
    fs_err::remove_file(repo.path(".env")).unwrap();
    says(&repo, &["checkout", "main"], "");
    // What cannot be read is somebody else's to tell.
    repo.write(".env", "DATABASE_URL=\"\n");
    says(&repo, &["checkout", "topic"], "");
    repo.write(".env", "DATABASE_URL=app.db\n");
    repo.write("app.db", "no database");
    says(&repo, &["checkout", "main"], "");
    says(&repo, &["checkout", "topic"], ARRIVED);
    // A server elsewhere is not asked.
    repo.write(".env", "DATABASE_URL=postgres://me@db.invalid/app\n");
    says(&repo, &["checkout", "main"], "");
}

#[test]
fn notices_are_off_by_default_and_go_with_the_rest() {
    let repo = RealRepo::new();
    assert!(!repo.path(".git/hooks/post-merge").exists());
    // A hook of the user's own keeps its say.
    let own = repo.path(".git/hooks/post-checkout");
    repo.write_script(&own, "#!/bin/sh\necho mine >&2\nexit 3\n");
    let before = fs_err::read(&own).unwrap();
    repo.tool(&["hooks", "install", "--notices"]).passes().prints(&["post-rewrite"]);
    let ran = repo.git(&["checkout", "-b", "topic"]);
    assert!(ran.code != 0 && ran.stderr.contains("mine"), "{}", ran.stderr);
    // Installing again keeps them.
    repo.tool(&["hooks", "install"]).passes().prints(&["post-merge"]);
    repo.tool(&["hooks", "status"]).passes().prints(&["post-checkout"]);
    repo.tool(&["hooks", "uninstall"]).passes();
    assert_eq!(fs_err::read(&own).unwrap(), before);
    assert!(!repo.path(".git/hooks/post-merge").exists());
}

#[test]
fn a_push_proves_its_new_revisions() {
    let repo = RealRepo::new().with_origin();
    repo.add_column("nick");
    let directory = repo.add_revision(1, "nick");
    repo.write(&format!("{directory}/down.sql"), "SELECT 1;\n");
    repo.commit_all("nick").passes_silently();
    let status = repo.tool(&["hooks", "install", "--prove"]).passes().says(&["a push proves its new revisions"]);
    drop(status);
    assert_eq!(repo.tool(&["hooks", "status", "--format", "json"]).passes().json()["prove"], true);
    let headline = format!(
        "ops-migrate: push to main blocked: {directory} is not proved: after down, column users.nick is left over"
    );
    let ran = repo.git(&["push", "--quiet", "origin", "main"]).blocks(&headline);
    let last = ran.stderr.lines().rfind(|line| line.starts_with("ops-migrate")).unwrap().to_owned();
    assert_eq!(last, headline);
    ran.says(&["cargo ops-migrate test", "OPS_MIGRATE_SKIP=1 git push"]);
    // What counts is what is pushed, not what lies in the work tree.
    repo.write(&format!("{directory}/down.sql"), "ALTER TABLE users DROP COLUMN nick;\n");
    repo.git(&["push", "--quiet", "origin", "main"]).blocks(&headline);
    repo.commit_all("mended").passes_silently();
    // A plain installation keeps the choice.
    repo.tool(&["hooks", "install"]).passes();
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    // Nothing new, nothing to prove.
    repo.write("README.md", "docs\n");
    repo.record("docs");
    repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    repo.tool(&["hooks", "install", "--no-prove"]).passes();
    assert_eq!(repo.tool(&["hooks", "status", "--format", "json"]).json()["prove"], false);
}

#[test]
fn without_a_server_a_push_is_not_proved_and_goes_on() {
    let repo = RealRepo::bare_crate(&[]).with_origin();
    repo.edit("Cargo.toml", "sqlite", "postgres");
    repo.record("postgres");
    repo.git(&["push", "--quiet", "origin", "main"]).passes();
    repo.tool(&["hooks", "install", "--prove"]).passes();
    repo.add_column("nick");
    repo.add_revision(1, "nick");
    repo.record("nick");
    repo.git(&["push", "--quiet", "origin", "main"])
        .passes()
        .says(&["not proved: no PostgreSQL server is named", "push to main: 1 revision not proved, and not held back"]);
}

mod postgres_tests {
    use ops_migrate::dialect::Dialect;

    use crate::common::real::RealRepo;
    use crate::common::scratch;

    #[test]
    fn a_push_proves_its_new_revisions_on_a_server() {
        let mut scratch = scratch("OPS_MIGRATE_TEST_POSTGRES", Dialect::Postgres);
        let repo = RealRepo::bare_crate(&[]).with_origin();
        repo.edit("Cargo.toml", "sqlite", "postgres");
        repo.write(".gitignore", ".env\n");
        repo.record("postgres");
        repo.git(&["push", "--quiet", "origin", "main"]).passes();
        repo.write(".env", format!("DATABASE_URL={}\n", scratch.database().url()));
        repo.tool(&["hooks", "install", "--prove"]).passes();
        repo.add_column("nick");
        let directory = repo.add_revision(1, "nick");
        let down = format!("{directory}/down.sql");
        let right = repo.read(&down);
        repo.write(&down, "SELECT 1;\n");
        repo.record("nick");
        repo.git(&["push", "--quiet", "origin", "main"]).blocks(&format!(
            "ops-migrate: push to main blocked: {directory} is not proved: after down, column users.nick is left over"
        ));
        repo.write(&down, right);
        repo.record("mended");
        repo.git(&["push", "--quiet", "origin", "main"]).passes_silently();
    }
}
