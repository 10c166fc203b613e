//! What the hooks after a checkout, a merge and a rebase tell: revisions that arrived and that the
//! database does not have, and revisions of the database that this branch does not know. Where
//! there is no database, or nothing to tell, they are silent. They never fail.

use std::collections::BTreeSet;

use crate::chain::{Chain, Revision};
use crate::cli::Global;
use crate::commands::{gate, view};
use crate::context::Context;
use crate::db::{Database, DatabaseUrl};
use crate::error::Result;
use crate::git::{Repo, Rev};
use crate::hooks::Hook;
use crate::layout::{self, Group};
use crate::project::{self, Options};
use crate::tree::{Memo, Tree};
use crate::words::counted;

/// Tells what a checkout, a merge or a rebase brought and took. `args` are what git gave to the hook
/// (githooks(5)).
///
/// # Errors
/// Where a repository or a database cannot be read; nobody is to be bothered with that.
pub(super) fn tell(hook: Hook, args: &[String], global: &Global, cx: &mut Context) -> Result<()> {
    let repo = gate::open(cx)?;
    let Some((before, after)) = ends(hook, args, &repo)? else { return Ok(()) };
    let (before, after) = (Rev::Commit(before), Rev::Commit(after));
    // Only a chain that differs has anything to tell.
    if !repo.changes(&before, &after)?.iter().any(|change| change.path.ends_with("/up.sql")) {
        return Ok(());
    }
    let Some(root) = repo.root() else { return Ok(()) };
    let (old, new) = (Memo::new(repo.tree(before)), Memo::new(repo.tree(after)));
    let packages = layout::packages_in(&new, "")?;
    let options = Options { database_url: global.database_url.clone(), ..Options::default() };
    for layout in layout::find_every(&new, &packages, &gate::choice(global))? {
        let Some(url) = project::named_database(root, &layout.directory, &cx.vars, &options, &packages)? else {
            continue;
        };
        for group in layout.groups.iter().filter(|group| group.dialect == url.dialect()) {
            tell_chain(&old, &new, group, &url, cx)?;
        }
    }
    Ok(())
}

/// The commits before and after; `None` where nobody waits for a word: files were checked out and no
/// branch, a clone or a new work tree is being filled, a rebase or a bisection moves HEAD about, a squash
/// has committed nothing yet.
fn ends(hook: Hook, args: &[String], repo: &Repo) -> Result<Option<(String, String)>> {
    let is_under_way =
        || ["rebase-merge", "rebase-apply", "BISECT_LOG"].iter().any(|name| repo.git_dir().join(name).exists());
    let since_orig_head =
        || -> Result<Option<(String, String)>> { Ok(repo.resolve("ORIG_HEAD").ok().zip(repo.head()?)) };
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let found = match (hook, args.as_slice()) {
        (Hook::PostCheckout, [old, new, "1"]) if !is_under_way() && old.bytes().any(|byte| byte != b'0') => {
            Some(((*old).to_owned(), (*new).to_owned()))
        }
        (Hook::PostMerge, ["0"]) => since_orig_head()?,
        (Hook::PostRewrite, ["rebase"]) => since_orig_head()?,
        _ => None,
    };
    Ok(found.filter(|(before, after)| before != after))
}

fn tell_chain(old: &dyn Tree, new: &dyn Tree, group: &Group, url: &DatabaseUrl, cx: &mut Context) -> Result<()> {
    if !Database::exists(url) {
        return Ok(());
    }
    let chain = Chain::load(new, &group.directory)?;
    let before = Chain::load(old, &group.directory)?;
    // A server elsewhere is not called up for a word.
    let asked =
        url.is_local().then(|| Database::connect_read_only(url).and_then(|mut db| view::applied_versions(&mut db)));
    let asked = asked.and_then(Result::ok);
    let applied: BTreeSet<&str> = asked.iter().flatten().map(String::as_str).collect();
    let has_arrived = |revision: &&Revision| {
        before.by_version(&revision.version).is_none() && !applied.contains(revision.version.as_str())
    };
    let arrived = chain.revisions().iter().filter(has_arrived).count();
    if arrived > 0 {
        let arrived = counted(arrived, "revision");
        cx.ui.stderr_line(&format!("ops-migrate: {arrived} arrived: run cargo ops-migrate upgrade"));
    }
    let unknown: Vec<&str> = applied.into_iter().filter(|version| chain.by_version(version).is_none()).collect();
    if let Some(last) = unknown.last() {
        let name = before.by_version(last).map_or_else(|| (*last).to_owned(), Revision::label);
        let more = if unknown.len() > 1 { format!(" and {} more", unknown.len() - 1) } else { String::new() };
        cx.ui.stderr_line(&format!(
            "ops-migrate: the database has revision {name}{more} that this branch does not know: see cargo ops-migrate status"
        ));
    }
    Ok(())
}
