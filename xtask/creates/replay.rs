//! One commit: the revision that `create` would have drafted for it, beside the project's own.

use std::collections::BTreeSet;
use std::rc::Rc;

use ops_migrate::catalog::Catalog;
use ops_migrate::chain::Chain;
use ops_migrate::error::{Error, Result};
use ops_migrate::git::{Repo, Rev};
use ops_migrate::judge::models_of;
use ops_migrate::layout::{self, Choice, Group, Layout};
use ops_migrate::make::{Draft, Wishes};
use ops_migrate::models::{self, Change, Models};
use ops_migrate::snapshot::{self, Parsed};
use ops_migrate::tree::{Memo, Tree};
use ops_migrate::{proof, replay as sql};

use crate::compare::{Difference, Kind, differences};
use crate::{Commit, Snapshots, answers};

/// What became of one chain's revision.
pub(crate) struct Replayed {
    /// The chain: its directory and dialect.
    pub(crate) chain: String,
    pub(crate) outcome: Outcome,
    /// What the drafted `down.sql` leaves different from before; `None` where nothing was drafted.
    pub(crate) left_by_down: Option<Vec<String>>,
    /// What a person had to answer.
    pub(crate) wishes: Wishes,
}

impl Replayed {
    fn new(chain: String, outcome: Outcome) -> Self {
        Self { chain, outcome, left_by_down: None, wishes: Wishes::default() }
    }

    fn unread(chain: String, error: &Error) -> Self {
        Self::new(chain, Outcome::NotComparable(vec![format!("cannot be read: {error}")]))
    }
}

/// How the drafted revision compares with the project's own.
pub(crate) enum Outcome {
    Equal,
    /// The pairs of types that `table!` does not tell apart.
    ButForTypes(Vec<String>),
    Different(Vec<String>),
    /// Why nothing can be said.
    NotComparable(Vec<String>),
}

/// The models and the schema of one chain before and after a commit.
struct Sides {
    models_before: Rc<Models>,
    models: Models,
    baseline: Catalog,
    actual: Catalog,
    /// The commit's own `up.sql` files.
    own_sql: String,
    /// Revisions that were there before and are not as they were.
    rewritten: Vec<String>,
}

/// Drafts again what the commit added, for each of its chains whose models it changed.
pub(crate) fn replay(repo: &Repo, commit: &Commit, parsed: &mut Parsed, snapshots: &mut Snapshots) -> Vec<Replayed> {
    let files = Memo::new(repo.tree(Rev::Commit(commit.id.clone())));
    let choice = Choice::default();
    let packages = layout::packages_in(&files, "");
    let layouts = packages.and_then(|packages| layout::find_every(&files, &packages, &choice));
    let mut found = Vec::new();
    let layouts = layouts.unwrap_or_else(|error| {
        found.push(Replayed::unread("the tree".to_owned(), &error));
        Vec::new()
    });
    for layout in layouts {
        for group in &layout.groups {
            let chain = format!("{} ({})", group.directory, group.dialect);
            match sides(repo, commit, &files, &layout.of(group), group, parsed, snapshots) {
                Ok(None) => {}
                Ok(Some(sides)) => found.push(judge(chain, &sides)),
                Err(error) => found.push(Replayed::unread(chain, &error)),
            }
        }
    }
    found
}

/// `None` where the commit adds no revision to the chain, or changes nothing in its models.
fn sides(
    repo: &Repo,
    commit: &Commit,
    files: &dyn Tree,
    layout: &Layout,
    group: &Group,
    parsed: &mut Parsed,
    snapshots: &mut Snapshots,
) -> Result<Option<Sides>> {
    let rev = commit.parent.clone().map_or(Rev::Empty, Rev::Commit);
    let models = snapshot::models(files, layout, parsed)?;
    let models_before = models_of(repo, &rev, layout, &Choice::default(), parsed)?;
    if models::changes(&models_before, &models).is_empty() {
        return Ok(None);
    }
    let files_before = Memo::new(repo.tree(rev));
    let (chain, actual) = snapshot::baseline(files, group, snapshots)?;
    let (chain_before, baseline) = snapshot::baseline(&files_before, group, snapshots)?;
    let known: BTreeSet<&str> = chain_before.revisions().iter().map(|r| r.directory.as_str()).collect();
    let mut own_sql = String::new();
    for revision in chain.revisions().iter().filter(|r| !known.contains(r.directory.as_str())) {
        own_sql.push_str(&chain.up_sql(files, revision)?);
    }
    if own_sql.is_empty() {
        return Ok(None);
    }
    let rewritten = rewritten(&chain_before, &chain);
    Ok(Some(Sides { models_before, models, baseline, actual, own_sql, rewritten }))
}

fn rewritten(before: &Chain, after: &Chain) -> Vec<String> {
    let is_as_before = |old: &str, stamp: &Option<String>| {
        after.revisions().iter().any(|r| r.directory == old && r.up_stamp == *stamp)
    };
    let gone = before.revisions().iter().filter(|r| !is_as_before(&r.directory, &r.up_stamp));
    gone.map(|revision| revision.directory.clone()).collect()
}

fn judge(chain: String, sides: &Sides) -> Replayed {
    let drafted = answers::draft(&sides.models_before, &sides.models, &sides.baseline, &sides.actual, &sides.own_sql);
    let drafted = drafted.and_then(|drafted| {
        Ok((applied(&sides.baseline, drafted.0.parts.iter().map(|part| &part.script.up))?, drafted))
    });
    let (created, (draft, wishes)) = match drafted {
        Ok(created) => created,
        Err(error) => return Replayed::new(chain, refused(sides, &error)),
    };
    // Whatever we write ourselves, the replay has to follow.
    if let Some(doubt) = created.uncertain.iter().find(|doubt| !sides.baseline.uncertain.contains(doubt)) {
        let line = format!("the replay cannot follow the draft: {}", doubt.reason);
        return Replayed::new(chain, Outcome::Different(vec![line]));
    }
    let left_by_down = match applied(&created, draft.parts.iter().rev().map(|part| &part.script.down)) {
        Ok(restored) => proof::difference(&sides.baseline, &restored),
        Err(error) => vec![error.to_string()],
    };
    Replayed { chain, outcome: outcome(sides, &created, &draft), left_by_down: Some(left_by_down), wishes }
}

fn refused(sides: &Sides, error: &Error) -> Outcome {
    let disagreed = models::unsatisfied(&models::changes(&sides.models_before, &sides.models), &sides.actual);
    let line = format!("create refuses: {error}");
    match disagreed.is_empty() {
        true => Outcome::Different(vec![line]),
        false => Outcome::NotComparable(vec![line, "models and the project's own revision disagree".to_owned()]),
    }
}

fn applied<'a>(catalog: &Catalog, texts: impl IntoIterator<Item = &'a String>) -> Result<Catalog> {
    let mut catalog = catalog.clone();
    for text in texts {
        sql::apply(&mut catalog, text, "the draft")?;
    }
    Ok(catalog)
}

fn outcome(sides: &Sides, created: &Catalog, draft: &Draft) -> Outcome {
    let found = differences(&[&sides.models_before, &sides.models], created, &sides.actual);
    let (types, real): (Vec<_>, Vec<_>) = found.into_iter().partition(|difference| difference.kind == Kind::Type);
    if real.is_empty() {
        let pairs: Vec<String> = types.into_iter().map(|difference| difference.text).collect();
        return if pairs.is_empty() { Outcome::Equal } else { Outcome::ButForTypes(pairs) };
    }
    let excuses: Vec<Option<String>> = real.iter().map(|difference| excuse(sides, difference)).collect();
    let lines = real.iter().zip(&excuses).map(|(difference, excuse)| match excuse {
        Some(excuse) => format!("{}: {} ({excuse})", difference.path(), difference.text),
        None => format!("{}: {}", difference.path(), difference.text),
    });
    let unsure = draft.unsure.iter().map(|(change, reason)| format!("not written: {}: {reason}", change.describe()));
    let lines = lines.chain(unsure).collect();
    if excuses.iter().all(Option::is_some) { Outcome::NotComparable(lines) } else { Outcome::Different(lines) }
}

/// Why a difference says nothing of `create`.
fn excuse(sides: &Sides, difference: &Difference) -> Option<String> {
    let doubt = [&sides.baseline, &sides.actual].into_iter().find_map(|catalog| catalog.doubt(&difference.table));
    if let Some(doubt) = doubt {
        return Some(format!("the replay is not sure since {}: {}", doubt.at, doubt.reason));
    }
    let is_it = |change: &&Change| {
        *change.object() == difference.table
            && match (column(change), &difference.column) {
                (Some(changed), Some(differing)) => changed == differing,
                (changed, _) => changed.is_none(),
            }
    };
    let changes = models::changes(&sides.models_before, &sides.models);
    let mut asked = models::unsatisfied(&changes, &sides.actual);
    asked.extend(models::drift(&sides.models, &sides.actual));
    if let Some(change) = asked.iter().find(is_it) {
        return Some(format!("the models say {}, the project's own revision does not", change.describe()));
    }
    if let Some(change) = models::drift(&sides.models_before, &sides.baseline).iter().find(is_it) {
        return Some(format!("the parent's models say {}, its chain does not", change.describe()));
    }
    (!sides.rewritten.is_empty()).then(|| format!("the commit rewrites {}", sides.rewritten.join(", ")))
}

/// The column that a change is about.
fn column(change: &Change) -> Option<&str> {
    match change {
        Change::AddColumn { column, .. } | Change::DropColumn { column, .. } => Some(&column.name),
        Change::ChangeType { to, .. } | Change::ChangeNullability { to, .. } => Some(&to.name),
        _ => None,
    }
}
