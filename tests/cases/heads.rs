//! Case 17: two branches each wrote a revision on the same one. Nobody loses work, nothing is
//! applied while it is open, and both ways out lead to one chain.

use super::{agrees, model, started, write};
use crate::common::Sandbox;
use crate::runner::Backend;

fn parts(more: &str) -> String {
    model("parts", "", &format!("#[ops(max_length = 20)] name: String,{more}"))
}

const COLOUR: &str = "\ncolour: Option<String>,";
const WEIGHT: &str = "\nweight: Option<i32>,";

/// Main has a revision that adds colours; the branch at hand one that adds weights.
fn two_branches(backend: Backend) -> Backend {
    let backend = started(backend, &parts(""), "INSERT INTO parts (name) VALUES ('bolt')");
    let sandbox = &backend.sandbox;
    sandbox.git(["checkout", "--quiet", "-b", "weights"]);
    write(&backend, &parts(WEIGHT));
    let _ = sandbox.run(["create", "weights"]).exits(0);
    sandbox.commit("weights");
    sandbox.git(["checkout", "--quiet", "main"]);
    write(&backend, &parts(COLOUR));
    let _ = sandbox.run(["create", "colours"]).exits(0);
    sandbox.commit("colours");
    sandbox.git(["checkout", "--quiet", "weights"]);
    backend
}

/// Takes the models of both, since both edited the same lines.
fn take_both(backend: &Backend) {
    let sandbox = &backend.sandbox;
    write(backend, &parts(&format!("{COLOUR}{WEIGHT}")));
    let theirs = sandbox.git(["show", "main:src/schema.rs"]);
    let colour = theirs.lines().find(|line| line.contains("colour ->")).unwrap();
    sandbox.write("src/schema.rs", sandbox.git(["show", "weights:src/schema.rs"]));
    let weight = sandbox.read("src/schema.rs").lines().find(|line| line.contains("weight ->")).unwrap().to_owned();
    sandbox.edit("src/schema.rs", &weight, &format!("{colour}\n{weight}"));
}

fn heads(sandbox: &Sandbox) -> Vec<String> {
    let heads = sandbox.run(["heads", "--format", "json"]).json();
    let id = |head: &serde_json::Value| head["id"].as_str().unwrap().to_owned();
    heads["heads"].as_array().unwrap().iter().map(id).collect()
}

/// `git merge`, and a revision that follows both.
fn merged(backend: Backend) {
    let backend = two_branches(backend);
    let sandbox = &backend.sandbox;
    let _ = sandbox.try_git(["merge", "--quiet", "main"]);
    take_both(&backend);
    let _ = sandbox.run(["status", "--offline"]).exits(4);
    let _ = sandbox.run(["upgrade"]).exits(4);
    let both = heads(sandbox);
    assert_eq!(both.len(), 2);
    let joined = sandbox.run(["merge", "--format", "json"]).exits(0).json();
    assert_eq!(heads(sandbox), [joined["revisions"][0]["id"].as_str().unwrap()]);
    let _ = sandbox.run(["upgrade"]).exits(0);
    sandbox.commit("merged");
    agrees(&backend);
    let _ = sandbox.run(["rollback", "-3", "--allow-data-loss"]).exits(0);
    let _ = sandbox.run(["upgrade"]).exits(0);
    agrees(&backend);
}

/// `git rebase`, which stops at the models, and the own revision put behind theirs.
fn rebased(backend: Backend) {
    let backend = two_branches(backend);
    let sandbox = &backend.sandbox;
    let _ = sandbox.try_git(["rebase", "--quiet", "main"]);
    take_both(&backend);
    assert_eq!(heads(sandbox).len(), 2);
    let _ = sandbox.run(["rebase", "--yes"]).exits(0);
    let _ = sandbox.run(["test"]).exits(0).says(&["Proved on"]);
    assert_eq!(heads(sandbox).len(), 1);
    let _ = sandbox.run(["upgrade"]).exits(0);
    agrees(&backend);
}

#[test]
fn case_17_two_heads_are_merged() {
    merged(Backend::sqlite());
}

#[test]
fn case_17_two_heads_are_rebased() {
    rebased(Backend::sqlite());
}

mod postgres_tests {
    use super::*;

    #[test]
    fn case_17_two_heads_are_merged() {
        merged(Backend::postgres());
    }

    #[test]
    fn case_17_two_heads_are_rebased() {
        rebased(Backend::postgres());
    }
}
