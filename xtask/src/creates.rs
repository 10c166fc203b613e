//! Runs the example `creates`, which drafts the revisions of other people's histories anew.

use crate::shell::{self, Result, command, root};

/// Runs it on each of the repositories.
pub(crate) fn run(paths: &[String]) -> Result {
    if paths.is_empty() {
        return Err("name git repositories of Diesel projects: cargo xtask creates PATH…".to_owned());
    }
    let absolute = |path| std::path::absolute(path).map(|path| path.display().to_string()).map_err(|e| e.to_string());
    let paths: Vec<String> = paths.iter().map(absolute).collect::<Result<_>>()?;
    let mut creates = command(&root(), "cargo", &["run", "--release", "--quiet", "--example", "creates", "--"]);
    shell::run(creates.args(paths))
}
