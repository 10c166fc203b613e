//! The table of the fault matrix is true: all rows are there, and the tests that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The rows: a number, and the names of the tests.
fn rows() -> BTreeMap<u32, Vec<String>> {
    let table = include_str!("FAULTS.md");
    let mut rows = BTreeMap::new();
    for line in table.lines() {
        let mut cells = line.split('|').map(str::trim);
        let (Some(""), Some(number)) = (cells.next(), cells.next()) else { continue };
        let Ok(number) = number.parse() else { continue };
        let tests = cells.nth(3).unwrap_or_default();
        let names = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(rows.insert(number, names).is_none(), "row {number} is there twice");
    }
    rows
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// `file::name`, where the file is the test's module: `runner::row_1_…` is in `tests/runner.rs`.
#[test]
fn every_row_names_tests_that_are_there() {
    let rows = rows();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), (1..=80).collect::<Vec<_>>());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("tests"), &mut files);
    sources(&root.join("src"), &mut files);
    let texts: Vec<(PathBuf, String)> =
        files.into_iter().map(|file| (file.clone(), fs_err::read_to_string(file).unwrap())).collect();
    let mut missing = Vec::new();
    for (row, names) in &rows {
        if names.is_empty() {
            missing.push(format!("row {row} names no test"));
        }
        for name in names {
            let (module, function) = name.rsplit_once("::").unwrap_or(("", name));
            let is_there = texts.iter().any(|(file, text)| {
                let path = file.strip_prefix(root).unwrap().with_extension("");
                let path = path.to_str().unwrap().replace('/', "::");
                // A module within a file has the file's name before it.
                let outer = module.rsplit_once("::").map_or(module, |(outer, _)| outer);
                (path.ends_with(module) || path.ends_with(outer)) && text.contains(&format!("fn {function}("))
            });
            if !is_there {
                missing.push(format!("row {row}: no test {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
