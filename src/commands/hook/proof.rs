//! The proof on push, where it was asked for at installation: the revisions that a push brings run up,
//! down and up again on a scratch database before anyone else has them.

use std::collections::BTreeSet;

use crate::chain::Chain;
use crate::cli::Global;
use crate::commands::gate::{self, Ask, Held};
use crate::commands::view;
use crate::context::Context;
use crate::error::{Outcome, Result};
use crate::git::{Repo, Rev, install};
use crate::layout;
use crate::project::{self, Options};
use crate::tree::Memo;
use crate::words::counted;

/// Proves what a push brings, where that was asked for at installation.
///
/// # Errors
/// Where the repository cannot be read or a scratch database breaks down.
pub(super) fn prove(repo: &Repo, asks: &[Ask], global: &Global, cx: &mut Context) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut pushed = asks.iter().filter(|ask| matches!(ask.held, Held::Push(_))).peekable();
    if pushed.peek().is_none() || !install::proves(repo)? {
        return Ok(outcome);
    }
    for ask in pushed {
        if prove_tip(repo, ask, global, cx)? != Outcome::Fine {
            outcome = Outcome::Change;
        }
    }
    Ok(outcome)
}

/// Proves the revisions that a tree has and none of its parents has; tells what fails, and where there is
/// no database to try it on.
fn prove_tip(repo: &Repo, ask: &Ask, global: &Global, cx: &mut Context) -> Result<Outcome> {
    let Ask { tree, parents, held, .. } = ask;
    let (files, root) = (Memo::new(repo.tree(tree.clone())), repo.root().unwrap_or(repo.git_dir()));
    let touched = touched(repo, tree, parents)?;
    if touched.is_empty() {
        return Ok(Outcome::Fine);
    }
    let packages = layout::packages_in(&files, "")?;
    let options = Options { database_url: global.database_url.clone(), ..Options::default() };
    let mut outcome = Outcome::Fine;
    for layout in layout::find_every(&files, &packages, &gate::choice(global))? {
        let url = project::named_database(root, &layout.directory, &cx.vars, &options, &packages)?;
        for group in &layout.groups {
            // The gate has said what is wrong with a chain that cannot be read.
            let Ok(chain) = Chain::load(&files, &group.directory) else { continue };
            let is_new = |name: &str| touched.contains(&format!("{}/{name}", group.directory));
            let names: Vec<String> =
                chain.revisions().iter().map(|r| r.directory.clone()).filter(|name| is_new(name)).collect();
            if names.is_empty() {
                continue;
            }
            let (proved, _) = view::prove_in(&files, url.as_ref(), group, &chain, &names, None, cx)?;
            match proved.proved {
                Some(true) => {}
                Some(false) => {
                    outcome = Outcome::Change;
                    tell(&proved, held, cx);
                }
                None => cx.ui.stderr_line(&format!(
                    "ops-migrate: {held}: {} not proved, and not held back",
                    counted(names.len(), "revision")
                )),
            }
        }
    }
    Ok(outcome)
}

/// The directories of revisions whose files differ from every parent's.
fn touched(repo: &Repo, tree: &Rev, parents: &[Rev]) -> Result<BTreeSet<String>> {
    let mut common: Option<BTreeSet<String>> = None;
    for parent in parents {
        let changed = repo.changes(parent, tree)?.into_iter().filter(|change| change.new.is_some());
        let files: BTreeSet<String> = changed.map(|change| change.path).collect();
        common = Some(match common {
            Some(known) => known.intersection(&files).cloned().collect(),
            None => files,
        });
    }
    let is_script = |path: &&String| path.ends_with("/up.sql") || path.ends_with("/down.sql");
    let files = common.unwrap_or_default();
    Ok(files.iter().filter(is_script).filter_map(|path| Some(path.rsplit_once('/')?.0.to_owned())).collect())
}

/// The block, in the shape of the gate's: the whole finding first, and last for those who show only
/// that.
fn tell(proved: &view::ProofView, held: &Held, cx: &mut Context) {
    let first = proved.findings.first().map_or("the proof failed", String::as_str);
    let first = first.lines().next().unwrap_or_default();
    let headline = match proved.revisions.as_slice() {
        [one] => format!("ops-migrate: {held} blocked: {one} is not proved: {first}"),
        several => format!("ops-migrate: {held} blocked: {} revisions are not proved: {first}", several.len()),
    };
    cx.ui.stderr_line(&headline);
    for revision in proved.revisions.iter().filter(|_| proved.revisions.len() > 1) {
        cx.ui.stderr_line(&format!("  {revision}"));
    }
    for finding in &proved.findings {
        cx.ui.stderr_line(&format!("  - {finding}"));
    }
    cx.ui.stderr_line("mend it:   edit the files, then cargo ops-migrate test, and commit");
    cx.ui.stderr_line("skip once: OPS_MIGRATE_SKIP=1 git push …   (CI checks again, and proves nothing)");
    cx.ui.stderr_line(&headline);
}
