//! Other tools on equal work, installed from their registries into the scratch folder. What cannot
//! be installed is said.

use std::path::{Path, PathBuf};

use super::cases::{Case, REVIEWS};
use crate::shell::{self, Result, command, exists};

/// The cases of the peers that could be installed; the others in words.
pub(crate) fn all(scratch: &Path, notes: &mut Vec<String>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    match diesel(scratch, "sqlite-bundled") {
        Ok(program) => {
            for count in [1_000, 10_000] {
                let directory = scratch.join(format!("chain{count}"));
                // A metadata.toml without Diesel's own meaning in the rest is what both read.
                let url = scratch.join(format!("peer{count}.db")).display().to_string();
                let args = ["migration", "list", "--migration-dir", "migrations", "--database-url", url.as_str()];
                cases.push(
                    Case::new(&format!("peer: diesel migration list, {count} revisions"), &directory, &program, &args)
                        .runs(5),
                );
            }
        }
        Err(error) => notes.push(format!("The diesel CLI could not be installed: {}", first_line(&error))),
    }
    match venv(scratch) {
        Ok(bin) => {
            alembic(scratch, &bin, &mut cases, notes);
            prek(scratch, &bin, &mut cases, notes);
            squawk(scratch, &bin, &mut cases, notes);
        }
        Err(error) => notes.push(format!("No Python environment could be made: {}", first_line(&error))),
    }
    Ok(cases)
}

/// The diesel CLI, installed into the scratch folder.
pub(crate) fn diesel(scratch: &Path, features: &str) -> Result<PathBuf> {
    println!("Installing the diesel CLI …");
    let root = scratch.join("diesel").display().to_string();
    let args = ["install", "diesel_cli", "--no-default-features", "--features", features, "--root", &root, "--quiet"];
    shell::output(&mut command(scratch, "cargo", &args))?;
    Ok(scratch.join("diesel/bin/diesel"))
}

fn venv(scratch: &Path) -> Result<PathBuf> {
    if !exists("python3", "--version") {
        return Err("there is no python3".to_owned());
    }
    println!("Installing Alembic and prek …");
    shell::output(&mut command(scratch, "python3", &["-m", "venv", "venv"]))?;
    let bin = scratch.join("venv/bin");
    let pip = bin.join("pip").display().to_string();
    shell::output(&mut command(scratch, &pip, &["install", "--quiet", "alembic", "prek"]))?;
    Ok(bin)
}

/// Alembic with 1,000 revisions that add a column each.
fn alembic(scratch: &Path, bin: &Path, cases: &mut Vec<Case>, notes: &mut Vec<String>) {
    let directory = scratch.join("alembic");
    let program = bin.join("alembic");
    let made = (|| -> Result {
        std::fs::create_dir_all(&directory).map_err(|e| e.to_string())?;
        shell::output(&mut command(&directory, &program.display().to_string(), &["init", "alembic"]))?;
        let mut parent = String::from("None");
        for n in 0..1_000 {
            let text = format!(
                "revision = 'r{n:011}'\ndown_revision = {parent}\nbranch_labels = None\ndepends_on = None\n\nfrom alembic import op\n\ndef upgrade():\n    op.execute('SELECT 1')\n\ndef downgrade():\n    op.execute('SELECT 1')\n"
            );
            std::fs::write(directory.join(format!("alembic/versions/r{n:011}_step.py")), text)
                .map_err(|e| e.to_string())?;
            parent = format!("'r{n:011}'");
        }
        let ini = directory.join("alembic.ini");
        let text = std::fs::read_to_string(&ini).map_err(|e| e.to_string())?;
        std::fs::write(&ini, text.replace("driver://user:pass@localhost/dbname", "sqlite:///a.db"))
            .map_err(|e| e.to_string())
    })();
    match made {
        Ok(()) => {
            for word in ["heads", "history"] {
                cases.push(
                    Case::new(&format!("peer: alembic {word}, 1000 revisions"), &directory, &program, &[word]).runs(3),
                );
            }
        }
        Err(error) => notes.push(format!("Alembic could not be set up: {}", first_line(&error))),
    }
}

/// squawk over the files that `review --all` goes through.
fn squawk(scratch: &Path, bin: &Path, cases: &mut Vec<Case>, notes: &mut Vec<String>) {
    let pip = bin.join("pip").display().to_string();
    if let Err(error) = shell::output(&mut command(scratch, &pip, &["install", "--quiet", "squawk-cli"])) {
        return notes.push(format!("squawk could not be installed: {}", first_line(&error)));
    }
    let run = format!("exec {} migrations/*/up.sql", bin.join("squawk").display());
    for (name, count) in REVIEWS {
        let what = format!("peer: squawk, {count} up.sql of the same files");
        let directory = scratch.join(name);
        cases.push(Case::new(&what, &directory, Path::new("sh"), &["-c", &run]).runs(3).ends(1));
    }
}

/// prek with one hook that does nothing, on the repository of the gate.
fn prek(scratch: &Path, bin: &Path, cases: &mut Vec<Case>, notes: &mut Vec<String>) {
    let directory = scratch.join("gate");
    let config = "repos:\n  - repo: local\n    hooks:\n      - id: nothing\n        name: nothing\n        entry: 'true'\n        language: system\n        pass_filenames: false\n        always_run: true\n";
    match std::fs::write(directory.join(".pre-commit-config.yaml"), config) {
        Ok(()) => cases.push(Case::new(
            "peer: prek run, a hook that does nothing, 2,000 files",
            &directory,
            &bin.join("prek"),
            &["run"],
        )),
        Err(error) => notes.push(format!("prek could not be set up: {error}")),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
