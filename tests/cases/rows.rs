//! Revisions that move rows: columns that go from a parent's table to its children's with what they
//! hold, and revisions of data alone.

use expect_test::expect;

use super::{agrees, has_rows, model, started, there_and_back, write};
use crate::runner::Backend;

const PARENT: &str = "#[ops(max_length = 20)] title: String,\n#[ops(max_length = 20)] kind: String,";

fn papers(parent: &str, child: &str) -> String {
    let contracts = format!("#[ops(references(papers.id, on_delete = cascade))] paper_id: i32,{child}");
    model("papers", "", parent) + &model("contracts", "", &contracts) + &model("grants", "", &contracts)
}

const ROWS: &str = "INSERT INTO papers (title, kind) VALUES ('one', 'fixed'), ('two', 'open'), ('three', 'open');
    INSERT INTO contracts (paper_id) VALUES (1), (2);
    INSERT INTO grants (paper_id) VALUES (3)";

/// A step written by hand: the scaffold of `create --empty`, its two files filled in.
fn by_hand(backend: &Backend, message: &str, up: &str, down: &str) {
    let sandbox = &backend.sandbox;
    let _ = sandbox.run(["create", message, "--empty"]).exits(0);
    let newest = sandbox.newest();
    sandbox.write(&format!("{newest}/up.sql"), up);
    sandbox.write(&format!("{newest}/down.sql"), down);
    sandbox.edit(&format!("{newest}/metadata.toml"), "\nmessage", "\ndata = true\nmessage");
    let _ = sandbox.run(["test"]).exits(0).says(&["Proved on"]);
}

/// Case 11: skeleton, data, skeleton. The way back brings the rows' values back, too.
fn from_parent_to_children(backend: Backend) {
    let optional = "\n#[ops(max_length = 20)] kind: Option<String>,";
    let backend = started(backend, &papers(PARENT, ""), ROWS);
    let sandbox = &backend.sandbox;
    write(&backend, &papers(PARENT, optional));
    let _ = sandbox.run(["create", "children get kinds", "--yes"]).exits(0);
    let copy = |child: &str| {
        format!("UPDATE {child} SET kind = (SELECT papers.kind FROM papers WHERE papers.id = {child}.paper_id);\n")
    };
    let back = |child: &str| {
        format!(
            "UPDATE papers SET kind = (SELECT {child}.kind FROM {child} WHERE {child}.paper_id = papers.id)
WHERE id IN (SELECT paper_id FROM {child});\n"
        )
    };
    by_hand(&backend, "copy kinds", &(copy("contracts") + &copy("grants")), &(back("contracts") + &back("grants")));
    sandbox.commit("copied");
    let required = optional.replace("Option<String>", "String");
    write(&backend, &papers("#[ops(max_length = 20)] title: String,", &required));
    let fills = ["--fill", "contracts.kind='open'", "--fill", "grants.kind='open'"];
    let _ = sandbox.run(["create", "kinds of children alone", "--yes"].iter().chain(&fills).copied()).exits(0);
    there_and_back(&backend, 3);
    has_rows(&backend, "SELECT kind AS line FROM contracts ORDER BY id", &["fixed", "open"]);
    has_rows(&backend, "SELECT kind AS line FROM grants", &["open"]);
}

#[test]
fn case_11_columns_move_from_parent_to_children() {
    from_parent_to_children(Backend::sqlite());
}

#[cfg(feature = "mysql")]
#[test]
fn case_11_on_mariadb() {
    from_parent_to_children(Backend::mysql());
}

/// Case 15: rights of roles, added where they lack and taken away again.
fn rights(backend: Backend) {
    let roles = model(
        "roles",
        "unique(name, permit)",
        "#[ops(max_length = 20)] name: String,\n#[ops(max_length = 20)] permit: String,",
    );
    let rows = "INSERT INTO roles (name, permit) VALUES ('viewer', 'read'), ('editor', 'read'), ('editor', 'write')";
    let backend = started(backend, &roles, rows);
    by_hand(
        &backend,
        "reviewers may approve",
        "INSERT INTO roles (name, permit)
SELECT 'reviewer', permit FROM (SELECT 'read' AS permit UNION ALL SELECT 'approve' AS permit) AS wanted
WHERE NOT EXISTS (SELECT * FROM roles WHERE roles.name = 'reviewer' AND roles.permit = wanted.permit);\n",
        "DELETE FROM roles WHERE name = 'reviewer';\n",
    );
    there_and_back(&backend, 1);
    has_rows(
        &backend,
        "SELECT permit AS line FROM roles WHERE name = 'reviewer' ORDER BY permit",
        &["approve", "read"],
    );
    // A data step says nothing of the schema.
    let _ = backend.sandbox.run(["review"]).exits(0);
}

#[test]
fn case_15_a_revision_of_data_alone() {
    rights(Backend::sqlite());
}

#[cfg(feature = "mysql")]
#[test]
fn case_15_on_mariadb() {
    rights(Backend::mysql());
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_11_columns_move_from_parent_to_children() {
        from_parent_to_children(Backend::postgres());
    }

    #[test]
    fn case_15_a_revision_of_data_alone() {
        rights(Backend::postgres());
    }

    /// The original's own form: names in an array, in batches.
    #[test]
    fn case_15_in_batches_over_an_array() {
        let roles = model("roles", "", "#[ops(max_length = 20, unique)] name: String,\npermits: Vec<String>,");
        let rows = "INSERT INTO roles (name, permits) VALUES ('reviewer', '{read}'), ('viewer', '{read}'), ('chief', '{approve}')";
        let backend = started(Backend::postgres(), &roles, rows);
        let sandbox = &backend.sandbox;
        let _ = sandbox.run(["create", "reviewers may approve", "--data", "roles", "--batch-size", "2"]).exits(0);
        let newest = sandbox.newest();
        sandbox.edit(
            &format!("{newest}/up.sql"),
            "SET id = id -- what changes\nWHERE",
            "SET permits = array_append(permits, 'approve')\nWHERE name IN ('reviewer', 'chief') AND NOT permits @> '{approve}' AND",
        );
        sandbox.write(
            &format!("{newest}/down.sql"),
            "UPDATE roles SET permits = array_remove(permits, 'approve') WHERE name = 'reviewer';\n",
        );
        let _ = sandbox.run(["test"]).exits(0).says(&["Proved on"]);
        there_and_back(&backend, 1);
        has_rows(&backend, "SELECT permits AS line FROM roles ORDER BY id", &["{read,approve}", "{read}", "{approve}"]);
        agrees(&backend);
        expect![[r#"
            -- Runs once for every 2 rows of roles, in the order of id. Each batch is a transaction; a run
            -- that ends early goes on after the last one. The condition of a batch takes the place of the TRUE
            -- behind the mark. A plain `diesel migration run` runs the text as it stands, for all rows at once.
            UPDATE roles
            SET permits = array_append(permits, 'approve')
            WHERE name IN ('reviewer', 'chief') AND NOT permits @> '{approve}' AND /* ops-migrate: batch */ TRUE;
        "#]]
        .assert_eq(&sandbox.read(&format!("{newest}/up.sql")));
    }
}
