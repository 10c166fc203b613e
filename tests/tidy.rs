//! The core is values in, values out: no core module may name an edge, the terminal, a command, or
//! the outside world. Tests inside of a module may.

use std::path::{Path, PathBuf};

const CORE: [&str; 23] = [
    "catalog",
    "chain",
    "compose",
    "dialect",
    "diff",
    "explain",
    "gate",
    "history_tables",
    "hooks",
    "layout",
    "make",
    "models",
    "operation",
    "place",
    "render",
    "replay",
    "report",
    "review",
    "schema_rs",
    "snapshot",
    "sql",
    "tree",
    "words",
];

/// Modules of ours that the core does not know.
const OUTER: [&str; 13] = [
    "callers",
    "cli",
    "commands",
    "context",
    "db",
    "git",
    "judge",
    "project",
    "proof",
    "runner",
    "schema_file",
    "store",
    "ui",
];

/// Paths of the outside world.
const WORLD: [&str; 8] =
    ["std::fs", "std::env", "std::process", "std::time", "fs_err", "git2", "diesel", "diesel_migrations"];

/// What of these a source names outside of its tests, as `line: text`.
fn violations(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in source.lines().enumerate() {
        // House rule: tests stand at the end of a file.
        if line.trim() == "#[cfg(test)]" {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        if names_outer(code) || names_world(code) {
            found.push(format!("{}: {}", number + 1, line.trim()));
        }
    }
    found
}

fn names_outer(code: &str) -> bool {
    code.match_indices("crate::").any(|(at, path)| {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(list) => list.split([',', '}']).any(|item| OUTER.contains(&first_name(item.trim()))),
            None => OUTER.contains(&first_name(rest)),
        }
    })
}

fn first_name(path: &str) -> &str {
    path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn names_world(code: &str) -> bool {
    WORLD.iter().any(|path| {
        code.match_indices(path).any(|(at, _)| {
            let starts = !code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '"' | '-'));
            let ends = code[at + path.len()..].starts_with("::") || code[at + path.len()..].starts_with(';');
            starts && ends
        })
    })
}

fn sources(module: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = vec![root.join(format!("{module}.rs"))];
    files.retain(|file| file.exists());
    let mut folders = vec![root.join(module)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !is_test(&path, &root) {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "there is no module {module}");
    files
}

/// Files that are compiled for tests alone, as their parent's `mod` line says.
fn is_test(path: &Path, root: &Path) -> bool {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let mut parents = vec![path.with_file_name("mod.rs"), path.parent().unwrap().with_extension("rs")];
    parents.retain(|parent| parent.starts_with(root) && parent.exists());
    parents.iter().any(|parent| {
        let text = fs_err::read_to_string(parent).unwrap();
        ["", "pub(crate) ", "pub(super) "].iter().any(|seen| text.contains(&format!("#[cfg(test)]\n{seen}mod {name};")))
    })
}

#[test]
fn the_core_knows_no_outside() {
    let mut found = Vec::new();
    for file in CORE.iter().flat_map(|module| sources(module)) {
        let lines = violations(&fs_err::read_to_string(&file).unwrap());
        found.extend(lines.into_iter().map(|line| format!("{}:{line}", file.display())));
    }
    assert!(found.is_empty(), "the core names the outside:\n{}", found.join("\n"));
}

/// Files of `src/commands` that are no subcommands: what several of them share.
const SHARED: [&str; 10] =
    ["apply", "gate", "guard", "in_step", "live", "losses", "mod", "published", "verdict", "view"];

#[test]
fn no_command_calls_another() {
    let files = sources("commands");
    let name = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let commands: Vec<String> = files.iter().map(name).filter(|name| !SHARED.contains(&name.as_str())).collect();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| name(file) != "mod") {
        for (number, line) in fs_err::read_to_string(file).unwrap().lines().enumerate() {
            let Some(path) = line.strip_prefix("use super::") else { continue };
            let mut words = path.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| commands.iter().any(|command| command == word)) {
                found.push(format!("{}:{}: {line}", file.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "a command calls another:\n{}", found.join("\n"));
}

#[test]
fn every_module_is_core_or_outer() {
    let lib = fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules.filter(|module| *module != "error") {
        assert!(CORE.contains(&module) != OUTER.contains(&module), "{module} has to be in one list of tests/tidy.rs");
    }
}

#[test]
fn what_counts_as_a_violation() {
    let cases = [
        ("use crate::db::Database;", true),
        ("use crate::{catalog, ui};", true),
        ("let x = crate::project::find();", true),
        ("use std::fs;", true),
        ("    std::env::var(\"X\")", true),
        ("use diesel::prelude::*;", true),
        ("use crate::diff::diff;", false),
        ("use crate::gitignore::x;", false),
        ("// std::fs is not for us", false),
        ("\"diesel::table! {\"", false),
        ("#[cfg(test)]\nuse std::fs;", false),
    ];
    for (source, expected) in cases {
        assert_eq!(!violations(source).is_empty(), expected, "{source}");
    }
}
